/*
 * Calls that would take minutes are canceled by another thread, and later ones are not. Arguments: a model that is data and takes minutes
 * an image, one that is more than data, and an image.
 */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <math.h>
#include <pthread.h>
#include <time.h>

enum { SIDE = 16, BATCH = 40 };

static severity_engine *engine;
static const char *image;

static severity_pixels white(void)
{
    static unsigned char data[SIDE * SIDE];
    severity_pixels pixels = SEVERITY_PIXELS_INIT;
    memset(data, 255, sizeof(data));
    pixels.data = data;
    pixels.width = pixels.height = SIDE;
    return pixels;
}

static void *predict_file(void *nothing)
{
    severity_result result = SEVERITY_RESULT_INIT;
    CHECK_STATUS(SEVERITY_ERROR_CANCELLED, severity_predict_file(engine, image, &result), "canceled");
    CHECK(isnan(result.opacity));
    return nothing;
}

static void *predict_pixels(void *nothing)
{
    severity_result result = SEVERITY_RESULT_INIT;
    severity_pixels pixels = white();
    CHECK_STATUS(SEVERITY_ERROR_CANCELLED, severity_predict_pixels(engine, &pixels, &result), "canceled");
    CHECK(isnan(result.geographic_extent));
    return nothing;
}

/* Most of a batch has not begun: its images are not scored one after the other. */
static void *predict_batch(void *nothing)
{
    static severity_pixels images[BATCH];
    static severity_result results[BATCH];
    severity_status statuses[BATCH];
    int i;
    for (i = 0; i < BATCH; i++)
        images[i] = white();
    results[0].size = sizeof(results[0]);
    CHECK_STATUS(SEVERITY_ERROR_CANCELLED, severity_predict_batch(engine, images, BATCH, results, statuses), "image 0 of 40");
    for (i = 0; i < BATCH; i++)
        CHECK(statuses[i] == SEVERITY_ERROR_CANCELLED && isnan(results[i].opacity));
    return nothing;
}

/* The same of files: the statuses tell which were not scored. */
static void *predict_files(void *nothing)
{
    const char *paths[BATCH];
    static severity_result results[BATCH];
    severity_status statuses[BATCH];
    int i;
    for (i = 0; i < BATCH; i++)
        paths[i] = image;
    results[0].size = sizeof(results[0]);
    CHECK_STATUS(SEVERITY_ERROR_CANCELLED, severity_predict_files(engine, paths, BATCH, results, statuses), "image 0 of 40");
    for (i = 0; i < BATCH; i++)
        CHECK(statuses[i] == SEVERITY_ERROR_CANCELLED && isnan(results[i].opacity));
    return nothing;
}

static void cancel_all(void *(*const *calls)(void *), int count)
{
    pthread_t threads[4];
    struct timespec moment = {0, 400000000}, start, end;
    int i;
    CHECK(count <= 4);
    for (i = 0; i < count; i++)
        CHECK(pthread_create(&threads[i], NULL, calls[i], NULL) == 0);
    nanosleep(&moment, NULL);
    clock_gettime(CLOCK_MONOTONIC, &start);
    CHECK_OK(severity_cancel(engine));
    for (i = 0; i < count; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    clock_gettime(CLOCK_MONOTONIC, &end);
    CHECK(end.tv_sec - start.tv_sec < 30);
}

static void check_trust(const char *path)
{
    severity_options options = SEVERITY_OPTIONS_INIT;
    severity_result result = SEVERITY_RESULT_INIT;
    severity_pixels pixels = white();
    options.threads = 1;
    CHECK_STATUS(SEVERITY_ERROR_MODEL_UNTRUSTED, severity_create_from_file(path, &options, &engine), "trust_model");
    CHECK(strcmp(severity_status_name(SEVERITY_ERROR_MODEL_UNTRUSTED), "model_untrusted") == 0);
    /* A program of the ABI's first version knows no such field. */
    options.trust_model = 1;
    options.size = (uint32_t)offsetof(severity_options, trust_model);
    CHECK_STATUS(SEVERITY_ERROR_MODEL_UNTRUSTED, severity_create_from_file(path, &options, &engine), "trust_model");
    options.size = sizeof(options);
    CHECK_OK(severity_create_from_file(path, &options, &engine));
    CHECK_OK(severity_predict_pixels(engine, &pixels, &result));
    CHECK(result.geographic_extent_raw == 24); /* the remainder of 1024 by 1000 */
    CHECK_OK(severity_destroy(engine));
    options.trust_model = 2;
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_create_from_file(path, &options, &engine), "trust_model is 2");
    options.trust_model = 0;
    options.reserved = 1;
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_create_from_file(path, &options, &engine), "reserved");
}

int main(int count, char **arguments)
{
    void *(*const all[])(void *) = {predict_file, predict_batch, predict_files, predict_pixels};
    severity_options options = SEVERITY_OPTIONS_INIT;
    severity_engine *canceled;
    CHECK(count == 4);
    check_trust(arguments[2]);
    image = arguments[3];
    options.threads = 1;
    options.max_concurrency = 2;
    CHECK_OK(severity_create_from_file(arguments[1], &options, &engine));
    cancel_all(all, 4);
    cancel_all(all + 3, 1); /* what came later ran, until it was canceled in its turn */
    canceled = engine;
    CHECK_OK(severity_destroy(engine));
    CHECK_STATUS(SEVERITY_ERROR_DISPOSED, severity_cancel(canceled), "destroyed");
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_cancel(NULL), "NULL");
    puts("ok");
    return 0;
}
