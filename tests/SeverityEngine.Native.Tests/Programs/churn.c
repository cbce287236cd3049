/*
 * Creates and destroys engines of the built-in model 500 times, each used by a thread of its own as well. Prints the highest
 * resident memory of the first half and that of the second, in KiB: what allocators hand back goes up and down, what is lost raises both.
 */
#include "check.h"

#include <pthread.h>

/* Leaves an error's text behind when it ends. */
static void *fail(void *engine)
{
    severity_result result = SEVERITY_RESULT_INIT;
    CHECK_STATUS(SEVERITY_ERROR_FILE_NOT_FOUND, severity_predict_file(engine, "/no/such.png", &result), "/no/such.png");
    return NULL;
}

static long resident_kib(void)
{
    char line[256];
    long kib = -1;
    FILE *status = fopen("/proc/self/status", "r");
    CHECK(status != NULL);
    while (fgets(line, sizeof(line), status) != NULL)
        sscanf(line, "VmRSS: %ld", &kib);
    fclose(status);
    return kib;
}

int main(int count, char **arguments)
{
    unsigned char pixel = 128;
    long peaks[2] = {0, 0};
    int i, times = count > 1 ? atoi(arguments[1]) : 500;
    double first = 0;
    for (i = 0; i < times; i++) {
        severity_options options = SEVERITY_OPTIONS_INIT;
        severity_engine *engine;
        severity_pixels pixels = SEVERITY_PIXELS_INIT;
        severity_result result = SEVERITY_RESULT_INIT;
        severity_model_info info = SEVERITY_MODEL_INFO_INIT;
        const char *key, *value;
        pthread_t thread;
        options.threads = 2;
        CHECK_OK(severity_create(&options, &engine));
        pixels.data = &pixel;
        pixels.width = pixels.height = 1;
        CHECK_OK(severity_predict_pixels(engine, &pixels, &result));
        CHECK(i == 0 || result.geographic_extent_raw == first);
        first = result.geographic_extent_raw;
        CHECK_OK(severity_get_model_info(engine, &info));
        CHECK_OK(severity_get_model_metadata(engine, 0, &key, &value));
        CHECK(pthread_create(&thread, NULL, fail, engine) == 0 && pthread_join(thread, NULL) == 0);
        CHECK_OK(severity_destroy(engine));
        if (i % 10 == 9) {
            long now = resident_kib(), *peak = &peaks[2 * i / times];
            *peak = now > *peak ? now : *peak;
        }
    }
    printf("%ld %ld\n", peaks[0], peaks[1]);
    return 0;
}
