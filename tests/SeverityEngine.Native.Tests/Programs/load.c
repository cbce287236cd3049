/*
 * 16 threads score 2,000 pictures each with one engine, and look at every answer; then an engine is destroyed under their hands.
 * Argument: the model whose extent is the input's mean / 256 and whose opacity is -mean / 512, of an input of 32 x 32.
 */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <math.h>
#include <pthread.h>
#include <time.h>

enum { THREADS = 16, CALLS = 2000, SIDE = 32 };

static severity_engine *engine;
static int scored[THREADS];

static void *score(void *argument)
{
    int thread = (int)(size_t)argument, call;
    unsigned char data[SIDE * SIDE];
    for (call = 0; call < CALLS; call++) {
        severity_pixels pixels = SEVERITY_PIXELS_INIT;
        severity_result result = SEVERITY_RESULT_INIT;
        int value = (37 * thread + call) % 256;
        double mean = (2 * value / 255.0 - 1) * 1024;
        memset(data, value, sizeof(data));
        pixels.data = data;
        pixels.width = call % 5 == 0 ? 0 : SIDE; /* and every fifth call is refused, with the thread's own text */
        pixels.height = SIDE;
        if (pixels.width == 0) {
            char text[32];
            pixels.height = value + 1;
            sprintf(text, "0 x %d:", value + 1);
            CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_predict_pixels(engine, &pixels, &result), text);
            CHECK(isnan(result.opacity));
            continue;
        }
        CHECK_OK(severity_predict_pixels(engine, &pixels, &result));
        CHECK(fabs(result.geographic_extent_raw - mean / 256) < 1e-5 && fabs(result.opacity_raw + mean / 512) < 1e-5);
        CHECK(result.geographic_extent == fmax(0, result.geographic_extent_raw) && result.opacity == fmax(0, result.opacity_raw));
        scored[thread]++;
    }
    return NULL;
}

static void *score_until_destroyed(void *argument)
{
    unsigned char data[SIDE * SIDE] = {0};
    severity_pixels pixels = SEVERITY_PIXELS_INIT;
    severity_result result = SEVERITY_RESULT_INIT;
    severity_status status;
    pixels.data = data;
    pixels.width = pixels.height = SIDE;
    while ((status = severity_predict_pixels(engine, &pixels, &result)) == SEVERITY_OK) {
        CHECK(result.geographic_extent_raw == -4);
        ((int *)argument)[0]++;
    }
    CHECK(status == SEVERITY_ERROR_DISPOSED && isnan(result.geographic_extent_raw));
    return NULL;
}

int main(int count, char **arguments)
{
    pthread_t threads[THREADS];
    severity_options options = SEVERITY_OPTIONS_INIT;
    struct timespec moment = {0, 50000000};
    int i, total = 0, calls[THREADS] = {0};
    CHECK(count == 2);
    options.threads = 1;
    CHECK_OK(severity_create_from_file(arguments[1], &options, &engine));
    for (i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, score, (void *)(size_t)i) == 0);
    for (i = 0; i < THREADS; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
        total += scored[i];
    }
    CHECK(total == THREADS * CALLS * 4 / 5);

    for (i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, score_until_destroyed, &calls[i]) == 0);
    nanosleep(&moment, NULL);
    CHECK_OK(severity_destroy(engine));
    for (i = 0; i < THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    for (i = total = 0; i < THREADS; i++)
        total += calls[i];
    CHECK(total > 0);
    puts("ok");
    return 0;
}
