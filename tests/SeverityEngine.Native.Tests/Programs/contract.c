/*
 * Calls every function of the ABI, well and badly. Arguments: an image, a model, an image whose name is not ASCII, a folder.
 * The model gives mean / 256 as the extent and -mean / 512 as the opacity, of an input of 32 x 32.
 */
#include "check.h"

#include <math.h>
#include <stdint.h>

#define SIDE 32

static int log_lines;
static int32_t log_level;
static char log_text[256];

static void count_log(void *context, int32_t level, const char *message)
{
    CHECK(context == &log_lines);
    CHECK(strlen(message) < sizeof(log_text));
    strcpy(log_text, message);
    log_level = level;
    log_lines++;
    CHECK(severity_abi_version() == SEVERITY_ABI_VERSION);
}

static int no_score(const severity_result *result)
{
    return isnan(result->geographic_extent) && isnan(result->opacity) && isnan(result->geographic_extent_raw) && isnan(result->opacity_raw);
}

static void check_library(void)
{
    severity_library_info info = SEVERITY_LIBRARY_INFO_INIT;
    struct {
        severity_library_info known;
        unsigned char later[24];
    } newer;

    CHECK(severity_abi_version() == SEVERITY_ABI_VERSION);
    CHECK(severity_last_error() != NULL && *severity_last_error() == 0);
    CHECK(strcmp(severity_status_name(SEVERITY_OK), "ok") == 0);
    CHECK(strcmp(severity_status_name(SEVERITY_ERROR_IMAGE_TRUNCATED), "image_truncated") == 0);
    CHECK(strcmp(severity_status_name(SEVERITY_ERROR_INTERNAL), "internal") == 0);
    CHECK(strcmp(severity_status_name(7777), "unknown") == 0);
    CHECK(strcmp(severity_status_name(-1), "unknown") == 0);

    CHECK_OK(severity_get_library_info(&info));
    CHECK(info.size == sizeof(info) && info.abi_version == SEVERITY_ABI_VERSION);
    CHECK(strlen(info.version) >= 5 && strlen(info.onnx_runtime_version) >= 5 && strlen(info.instruction_sets) > 0);
    CHECK(strstr(info.notices, "ONNX Runtime") != NULL);

    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_get_library_info(NULL), "NULL");
    /* Looking at an error does not use it up. */
    CHECK(strstr(severity_last_error(), "NULL") != NULL && strstr(severity_last_error(), "NULL") != NULL);
    info.size = 0;
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_get_library_info(&info), "sizeof(severity_library_info)");
    info.size = sizeof(info) - 1;
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_get_library_info(&info), "sizeof(severity_library_info)");
    info.size = 1000000;
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_get_library_info(&info), "sizeof(severity_library_info)");

    /* A program of tomorrow: what this library does not know becomes 0. */
    memset(&newer, 0xAA, sizeof(newer));
    newer.known.size = sizeof(newer);
    CHECK_OK(severity_get_library_info(&newer.known));
    CHECK(newer.known.size == sizeof(newer) && newer.known.abi_version == SEVERITY_ABI_VERSION);
    CHECK(newer.later[0] == 0 && newer.later[23] == 0);
}

static void check_create(const char *image, const char *model, const char *folder)
{
    severity_options options = SEVERITY_OPTIONS_INIT;
    severity_engine *engine = (severity_engine *)&options;
    severity_result result = SEVERITY_RESULT_INIT;
    unsigned char *bytes;
    size_t size;
    struct {
        severity_options known;
        unsigned char later[16];
    } newer;

    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_create(NULL, NULL), "NULL");
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_create_from_file(model, NULL, NULL), "NULL");
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_create_from_file(NULL, NULL, &engine), "path is NULL");
    CHECK(engine == NULL);
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_create_from_file("", NULL, &engine), "path is empty");
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_create_from_file("\xff\xfe", NULL, &engine), "not UTF-8");
    CHECK_STATUS(SEVERITY_ERROR_MODEL_NOT_FOUND, severity_create_from_file("/no/such.onnx", NULL, &engine), "/no/such.onnx");
    CHECK_STATUS(SEVERITY_ERROR_MODEL_NOT_FOUND, severity_create_from_file(folder, NULL, &engine), folder);
    engine = (severity_engine *)&options;
    CHECK_STATUS(SEVERITY_ERROR_MODEL_INVALID, severity_create_from_file(image, NULL, &engine), image);
    CHECK(engine == NULL);

    options.size = 3;
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_create_from_file(model, &options, &engine), "sizeof(severity_options)");
    options.size = sizeof(options);
    options.threads = -1;
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_create_from_file(model, &options, &engine), "-1 threads");
    options.threads = 1;
    options.max_concurrency = INT32_MIN;
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_create_from_file(model, &options, &engine), "negative");
    options.max_concurrency = 2;
    options.max_pixels = -1;
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_create_from_file(model, &options, &engine), "limits");
    options.max_pixels = 0;
    memset(&newer, 0, sizeof(newer));
    newer.known = options;
    newer.known.size = sizeof(newer);
    CHECK_OK(severity_create_from_file(model, &newer.known, &engine));
    CHECK_OK(severity_destroy(engine));
    newer.later[15] = 1;
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_create_from_file(model, &newer.known, &engine), "does not know");

    options.log = count_log;
    options.log_context = &log_lines;
    CHECK_OK(severity_create_from_file(model, &options, &engine));
    CHECK(engine != NULL && log_lines == 1 && log_level == SEVERITY_LOG_INFORMATION && strstr(log_text, "mean") != NULL);
    CHECK_OK(severity_destroy(engine));

    bytes = read_file(model, &size);
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_create_from_memory(NULL, size, NULL, &engine), "NULL");
    CHECK_STATUS(SEVERITY_ERROR_MODEL_INVALID, severity_create_from_memory(bytes, 0, NULL, &engine), "0 bytes");
    CHECK_STATUS(SEVERITY_ERROR_MODEL_INVALID, severity_create_from_memory(bytes, size / 2, NULL, &engine), "the model in memory");
    CHECK_STATUS(SEVERITY_ERROR_MODEL_INVALID, severity_create_from_memory(bytes, SIZE_MAX, NULL, &engine), "2 GiB");
    CHECK_OK(severity_create_from_memory(bytes, size, NULL, &engine));
    memset(bytes, 0, size); /* it was copied */
    free(bytes);
    CHECK_OK(severity_predict_file(engine, image, &result));
    CHECK_OK(severity_destroy(engine));
}

static void check_model(severity_engine *engine, const char *model)
{
    severity_model_info info = SEVERITY_MODEL_INFO_INIT, again = SEVERITY_MODEL_INFO_INIT;
    const char *key, *value, *before = "";
    size_t i;
    int found = 0;

    CHECK_OK(severity_get_model_info(engine, &info));
    CHECK(info.size == sizeof(info) && info.input_size == SIDE);
    CHECK(info.geographic_extent_lowest == 0 && info.geographic_extent_highest == 8
          && info.opacity_lowest == 0 && info.opacity_highest == 6);
    CHECK(strcmp(info.name, "mean") == 0 && strcmp(info.version, "2.1") == 0 && strcmp(info.source, model) == 0);
    CHECK(info.metadata_count >= 5);
    for (i = 0; i < info.metadata_count; i++) {
        CHECK_OK(severity_get_model_metadata(engine, i, &key, &value));
        CHECK(strcmp(before, key) < 0);
        before = key;
        found += strcmp(key, "severity.license") == 0 && strcmp(value, "Apache-2.0 \xc3\xb6") == 0;
    }
    CHECK(found == 1);
    CHECK_OK(severity_get_model_info(engine, &again));
    CHECK(again.name == info.name);
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_get_model_metadata(engine, info.metadata_count, &key, &value), "counted from 0");
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_get_model_metadata(engine, SIZE_MAX, &key, &value), "counted from 0");
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_get_model_metadata(engine, 0, NULL, &value), "NULL");
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_get_model_metadata(engine, 0, &key, NULL), "NULL");
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_get_model_info(engine, NULL), "NULL");
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_get_model_info(NULL, &info), "engine is NULL");
}

/* A picture of one value: its input is (2 v / 255 - 1) * 1024 in every place. */
static double extent_of(double fraction)
{
    return (2 * fraction - 1) * 1024 / 256;
}

static void check_formats(severity_engine *engine)
{
    /* One byte more at the front, so that the pixels can lie at odd addresses. */
    static unsigned char memory[1 + SIDE * (4 * SIDE + 12)];
    static const struct {
        int32_t format;
        int bytes, channel;
    } formats[] = {
        {SEVERITY_PIXELS_GRAY8, 1, 0}, {SEVERITY_PIXELS_GRAY16, 2, 0}, {SEVERITY_PIXELS_RGB24, 3, 0},
        {SEVERITY_PIXELS_BGR24, 3, 2}, {SEVERITY_PIXELS_RGBA32, 4, 0}, {SEVERITY_PIXELS_BGRA32, 4, 2},
    };
    size_t i;
    int offset, gap, x, y;

    for (i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
        for (offset = 0; offset < 2; offset++) {
            for (gap = 0; gap <= 12; gap += 12) {
                severity_pixels pixels = SEVERITY_PIXELS_INIT;
                severity_result result = SEVERITY_RESULT_INIT;
                int stride = SIDE * formats[i].bytes + gap;
                unsigned char *data = memory + offset;
                memset(memory, 0x11, sizeof(memory)); /* other channels and gaps hold something else */
                for (y = 0; y < SIDE; y++) {
                    for (x = 0; x < SIDE; x++) {
                        unsigned char *pixel = data + y * stride + x * formats[i].bytes;
                        pixel[formats[i].channel] = 200;
                        if (formats[i].format == SEVERITY_PIXELS_GRAY16)
                            pixel[1] = 200;
                    }
                }
                pixels.format = formats[i].format;
                pixels.data = data;
                pixels.width = SIDE;
                pixels.height = SIDE;
                pixels.stride = gap ? stride : 0;
                CHECK_OK(severity_predict_pixels(engine, &pixels, &result));
                CHECK(fabs(result.geographic_extent_raw - extent_of(200 / 255.0)) < 1e-5);
                CHECK(fabs(result.opacity_raw + extent_of(200 / 255.0) / 2) < 1e-5);
                CHECK(result.geographic_extent == result.geographic_extent_raw && result.opacity == 0); /* clamped to 0..6 */
                CHECK(result.decode_ms == 0 && result.preprocess_ms > 0 && result.infer_ms > 0 && result.warnings == 0);
                /* The last row has no gap after it. */
                pixels.data_size = (size_t)((SIDE - 1) * stride + SIDE * formats[i].bytes);
                CHECK_OK(severity_predict_pixels(engine, &pixels, &result));
                pixels.data_size--;
                CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_predict_pixels(engine, &pixels, &result), "are given");
                CHECK(no_score(&result));
            }
        }
    }
}

static void refuse(severity_engine *engine, severity_pixels pixels, severity_status status, const char *part)
{
    severity_result result = SEVERITY_RESULT_INIT;
    result.geographic_extent = 5;
    CHECK_STATUS(status, severity_predict_pixels(engine, &pixels, &result), part);
    CHECK(no_score(&result) && result.size == sizeof(result));
}

static void check_pixels(severity_engine *engine)
{
    static unsigned short data[SIDE * SIDE];
    severity_pixels good = SEVERITY_PIXELS_INIT, bad;
    severity_result result = SEVERITY_RESULT_INIT;
    struct {
        severity_result known;
        double later[3];
    } newer;

    good.format = SEVERITY_PIXELS_GRAY16;
    good.data = data;
    good.width = good.height = SIDE;
    good.max_value = 4095;
    data[0] = 4095;
    CHECK_OK(severity_predict_pixels(engine, &good, &result));
    CHECK(fabs(result.geographic_extent_raw - (extent_of(0) + 8.0 / (SIDE * SIDE))) < 1e-5);
    CHECK(result.geographic_extent == 0 && result.opacity > 0);

#define REFUSE(change, status, part) \
    do { \
        bad = good; \
        change; \
        refuse(engine, bad, status, part); \
    } while (0)
    REFUSE(bad.size = 0, SEVERITY_ERROR_INVALID_ARGUMENT, "sizeof(severity_pixels)");
    REFUSE(bad.size = UINT32_MAX, SEVERITY_ERROR_INVALID_ARGUMENT, "sizeof(severity_pixels)");
    REFUSE(bad.data = NULL, SEVERITY_ERROR_INVALID_ARGUMENT, "NULL");
    REFUSE(bad.format = -1, SEVERITY_ERROR_INVALID_ARGUMENT, "format -1");
    REFUSE(bad.format = 6, SEVERITY_ERROR_INVALID_ARGUMENT, "format 6");
    REFUSE(bad.width = 0, SEVERITY_ERROR_INVALID_ARGUMENT, "at least 1");
    REFUSE(bad.height = 0, SEVERITY_ERROR_INVALID_ARGUMENT, "at least 1");
    REFUSE(bad.width = -SIDE, SEVERITY_ERROR_INVALID_ARGUMENT, "at least 1");
    REFUSE(bad.height = INT32_MIN, SEVERITY_ERROR_INVALID_ARGUMENT, "at least 1");
    REFUSE((bad.width = INT32_MAX, bad.height = INT32_MAX), SEVERITY_ERROR_IMAGE_TOO_LARGE, "32768");
    REFUSE(bad.height = 32769, SEVERITY_ERROR_IMAGE_TOO_LARGE, "32768");
    REFUSE((bad.width = 20000, bad.height = 20000), SEVERITY_ERROR_IMAGE_TOO_LARGE, "100000000");
    REFUSE(bad.stride = 2 * SIDE - 2, SEVERITY_ERROR_INVALID_ARGUMENT, "stride");
    REFUSE(bad.stride = 2 * SIDE + 1, SEVERITY_ERROR_INVALID_ARGUMENT, "even");
    REFUSE(bad.stride = -2 * SIDE, SEVERITY_ERROR_INVALID_ARGUMENT, "stride");
    REFUSE(bad.stride = INT32_MAX, SEVERITY_ERROR_INVALID_ARGUMENT, "span");
    REFUSE(bad.stride = INT64_MAX, SEVERITY_ERROR_INVALID_ARGUMENT, "stride");
    REFUSE(bad.stride = INT64_MIN, SEVERITY_ERROR_INVALID_ARGUMENT, "stride");
    REFUSE(bad.data_size = 1, SEVERITY_ERROR_INVALID_ARGUMENT, "are given");
    REFUSE(bad.max_value = -1, SEVERITY_ERROR_INVALID_ARGUMENT, "full-white");
    REFUSE(bad.max_value = 65536, SEVERITY_ERROR_INVALID_ARGUMENT, "full-white");
    REFUSE(bad.reserved = 1, SEVERITY_ERROR_INVALID_ARGUMENT, "reserved");

    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_predict_pixels(engine, NULL, &result), "severity_pixels is NULL");
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_predict_pixels(engine, &good, NULL), "severity_result is NULL");
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_predict_pixels(NULL, &good, &result), "engine is NULL");
    result.size = 8;
    result.geographic_extent = 5;
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_predict_pixels(engine, &good, &result), "sizeof(severity_result)");
    CHECK(result.geographic_extent == 5); /* nobody knows how much there is to write to */

    memset(&newer, 0xAA, sizeof(newer));
    newer.known.size = sizeof(newer);
    CHECK_OK(severity_predict_pixels(engine, &good, &newer.known));
    CHECK(newer.known.size == sizeof(newer) && newer.later[0] == 0 && newer.later[2] == 0);
}

static void check_files(severity_engine *engine, const char *image, const char *foreign, const char *folder)
{
    severity_result from_file = SEVERITY_RESULT_INIT, result = SEVERITY_RESULT_INIT;
    size_t size;
    unsigned char *bytes = read_file(image, &size);

    CHECK_OK(severity_predict_file(engine, image, &from_file));
    CHECK(from_file.decode_ms > 0);
    CHECK_OK(severity_predict_file(engine, foreign, &result));
    CHECK(result.geographic_extent_raw == from_file.geographic_extent_raw && result.opacity_raw == from_file.opacity_raw);
    CHECK_STATUS(SEVERITY_ERROR_FILE_NOT_FOUND, severity_predict_file(engine, "/no/such.png", &result), "/no/such.png");
    CHECK(no_score(&result));
    CHECK_STATUS(SEVERITY_ERROR_FILE_UNREADABLE, severity_predict_file(engine, folder, &result), "folder");
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_predict_file(engine, NULL, &result), "path is NULL");
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_predict_file(engine, "", &result), "path is empty");
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_predict_file(engine, "\x80.png", &result), "not UTF-8");
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_predict_file(engine, image, NULL), "NULL");

    CHECK_OK(severity_predict_encoded(engine, bytes, size, NULL, &result));
    CHECK(result.geographic_extent_raw == from_file.geographic_extent_raw && result.decode_ms > 0);
    CHECK_OK(severity_predict_encoded(engine, bytes, size, "study 7", &result));
    CHECK_STATUS(SEVERITY_ERROR_IMAGE_TRUNCATED, severity_predict_encoded(engine, bytes, size / 2, "study 7", &result), "study 7");
    CHECK(no_score(&result));
    CHECK_STATUS(SEVERITY_ERROR_FILE_EMPTY, severity_predict_encoded(engine, bytes, 0, NULL, &result), "image");
    CHECK_STATUS(SEVERITY_ERROR_FILE_TOO_LARGE, severity_predict_encoded(engine, bytes, SIZE_MAX, NULL, &result), "max_file_bytes");
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_predict_encoded(engine, NULL, size, NULL, &result), "NULL");
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_predict_encoded(engine, bytes, size, "", &result), "name is empty");
    memset(bytes, 'x', size);
    CHECK_STATUS(SEVERITY_ERROR_IMAGE_FORMAT_UNKNOWN, severity_predict_encoded(engine, bytes, size, NULL, &result), "image");
    free(bytes);
}

static void check_batch(severity_engine *engine)
{
    enum { COUNT = 40 };
    static unsigned char data[COUNT][SIDE * SIDE];
    severity_pixels images[COUNT];
    severity_result results[COUNT];
    severity_status statuses[COUNT];
    struct {
        severity_pixels known;
        unsigned char later[8];
    } wide[3];
    int i, bad;

    for (bad = 0; bad < 2; bad++) {
        memset(results, 0xAA, sizeof(results));
        for (i = 0; i < COUNT; i++) {
            severity_pixels image = SEVERITY_PIXELS_INIT;
            memset(data[i], 6 * i, sizeof(data[i]));
            image.data = data[i];
            image.width = image.height = SIDE;
            images[i] = image;
            statuses[i] = -1;
        }
        results[0].size = sizeof(severity_result);
        if (bad) {
            images[7].width = 0;
            images[30].format = 99;
            images[31].size = 0;
            CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_predict_batch(engine, images, COUNT, results, statuses),
                "image 7 of 40");
        } else {
            CHECK_OK(severity_predict_batch(engine, images, COUNT, results, statuses));
        }
        for (i = 0; i < COUNT; i++) {
            int failed = bad && (i == 7 || i == 30 || i == 31);
            CHECK(results[i].size == sizeof(severity_result));
            CHECK(statuses[i] == (failed ? SEVERITY_ERROR_INVALID_ARGUMENT : SEVERITY_OK));
            CHECK(failed ? no_score(&results[i]) : fabs(results[i].geographic_extent_raw - extent_of(6 * i / 255.0)) < 1e-5);
        }
    }
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_predict_batch(engine, images, COUNT, results, NULL), "image 7 of 40");
    CHECK(no_score(&results[7]) && !no_score(&results[8]));

    CHECK_OK(severity_predict_batch(engine, NULL, 0, NULL, NULL));
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_predict_batch(engine, NULL, 1, results, NULL), "severity_pixels is NULL");
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_predict_batch(engine, images, 1, NULL, NULL), "severity_result is NULL");
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_predict_batch(engine, images, SIZE_MAX, results, NULL), "the most");
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_predict_batch(NULL, images, 1, results, NULL), "engine is NULL");

    /* A program of tomorrow: its images lie further apart. */
    memset(wide, 0, sizeof(wide));
    for (i = 0; i < 3; i++) {
        wide[i].known = images[i];
        wide[i].known.size = sizeof(*wide);
    }
    CHECK_OK(severity_predict_batch(engine, &wide[0].known, 3, results, NULL));
    CHECK(fabs(results[2].geographic_extent_raw - extent_of(12 / 255.0)) < 1e-5);
}

/* The gradient of a mean is the same everywhere, and stays so under the blur. */
static void check_explain(severity_engine *engine, const char *image, const char *folder)
{
    static float values[SIDE * SIDE + 1];
    static unsigned char data[SIDE * SIDE];
    severity_map map = SEVERITY_MAP_INIT, bad;
    severity_pixels pixels = SEVERITY_PIXELS_INIT;
    severity_result result = SEVERITY_RESULT_INIT, score = SEVERITY_RESULT_INIT;
    size_t size;
    unsigned char *bytes = read_file(image, &size);
    int i, target;

    memset(data, 200, sizeof(data));
    pixels.data = data;
    pixels.width = pixels.height = SIDE;
    for (target = SEVERITY_TARGET_GEOGRAPHIC_EXTENT; target <= SEVERITY_TARGET_OPACITY; target++) {
        const double slope = 1.0 / (target == SEVERITY_TARGET_OPACITY ? 512 : 256) / (SIDE * SIDE);
        map.target = target;
        map.values = values;
        map.count = SIDE * SIDE;
        values[SIDE * SIDE] = 77;
        CHECK_OK(severity_explain_pixels(engine, &pixels, &map, &result));
        CHECK(fabs(result.geographic_extent_raw - extent_of(200 / 255.0)) < 1e-5 && result.infer_ms > 0);
        for (i = 0; i < SIDE * SIDE; i++)
            CHECK(fabs(values[i] - slope * slope) < 1e-5 * slope * slope);
        CHECK(values[SIDE * SIDE] == 77);
    }
    memset(values, 0, sizeof(values));
    CHECK_OK(severity_predict_file(engine, image, &score));
    CHECK_OK(severity_explain_file(engine, image, &map, &result));
    CHECK(values[0] > 0 && fabs(result.geographic_extent_raw - score.geographic_extent_raw) < 1e-5 && result.decode_ms > 0);
    memset(values, 0, sizeof(values));
    CHECK_OK(severity_explain_encoded(engine, bytes, size, NULL, &map, &result));
    CHECK(values[0] > 0 && fabs(result.geographic_extent_raw - score.geographic_extent_raw) < 1e-5);

#define REFUSE_MAP(change, status, part) \
    do { \
        bad = map; \
        change; \
        CHECK_STATUS(status, severity_explain_pixels(engine, &pixels, &bad, &result), part); \
        CHECK(no_score(&result)); \
    } while (0)
    REFUSE_MAP(bad.size = 0, SEVERITY_ERROR_INVALID_ARGUMENT, "sizeof(severity_map)");
    REFUSE_MAP(bad.values = NULL, SEVERITY_ERROR_INVALID_ARGUMENT, "NULL");
    REFUSE_MAP(bad.count = SIDE * SIDE - 1, SEVERITY_ERROR_INVALID_ARGUMENT, "32 x 32");
    REFUSE_MAP(bad.count = SIDE * SIDE + 1, SEVERITY_ERROR_INVALID_ARGUMENT, "32 x 32");
    REFUSE_MAP(bad.count = SIZE_MAX, SEVERITY_ERROR_INVALID_ARGUMENT, "32 x 32");
    REFUSE_MAP(bad.target = 2, SEVERITY_ERROR_INVALID_ARGUMENT, "score 2");
    REFUSE_MAP(bad.method = -1, SEVERITY_ERROR_INVALID_ARGUMENT, "method -1");
    REFUSE_MAP(bad.reserved = 1, SEVERITY_ERROR_INVALID_ARGUMENT, "reserved");
    REFUSE_MAP(bad.method = SEVERITY_METHOD_CLASS_ACTIVATION, SEVERITY_ERROR_MODEL_UNSUPPORTED, "mean");
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_explain_pixels(engine, &pixels, NULL, &result), "severity_map is NULL");
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_explain_pixels(engine, NULL, &map, &result), "severity_pixels is NULL");
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_explain_pixels(engine, &pixels, &map, NULL), "severity_result is NULL");
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_explain_pixels(NULL, &pixels, &map, &result), "engine is NULL");
    CHECK_STATUS(SEVERITY_ERROR_FILE_UNREADABLE, severity_explain_file(engine, folder, &map, &result), "folder");
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_explain_file(engine, NULL, &map, &result), "path is NULL");
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_explain_file(engine, image, NULL, &result), "severity_map is NULL");
    CHECK_STATUS(SEVERITY_ERROR_IMAGE_TRUNCATED, severity_explain_encoded(engine, bytes, size / 2, "study 7", &map, &result), "study 7");
    CHECK_STATUS(SEVERITY_ERROR_FILE_EMPTY, severity_explain_encoded(engine, bytes, 0, NULL, &map, &result), "image");
    free(bytes);
}

static void check_limits(const char *image, const char *model)
{
    severity_options options = SEVERITY_OPTIONS_INIT;
    severity_engine *engine;
    severity_result result = SEVERITY_RESULT_INIT;
    severity_pixels pixels = SEVERITY_PIXELS_INIT;
    static unsigned char data[100];

    options.max_file_bytes = 100;
    CHECK_OK(severity_create_from_file(model, &options, &engine));
    CHECK_STATUS(SEVERITY_ERROR_FILE_TOO_LARGE, severity_predict_file(engine, image, &result), "100 bytes");
    CHECK_OK(severity_destroy(engine));
    options.max_file_bytes = 0;
    options.max_side = 9;
    CHECK_OK(severity_create_from_file(model, &options, &engine));
    CHECK_STATUS(SEVERITY_ERROR_IMAGE_TOO_LARGE, severity_predict_file(engine, image, &result), "9");
    pixels.data = data;
    pixels.width = 10;
    pixels.height = 9;
    CHECK_STATUS(SEVERITY_ERROR_IMAGE_TOO_LARGE, severity_predict_pixels(engine, &pixels, &result), "9");
    pixels.width = 9;
    CHECK_OK(severity_predict_pixels(engine, &pixels, &result));
    CHECK_OK(severity_destroy(engine));
}

static void check_handles(severity_engine *engine)
{
    severity_pixels pixels = SEVERITY_PIXELS_INIT;
    severity_result result = SEVERITY_RESULT_INIT;
    severity_model_info info = SEVERITY_MODEL_INFO_INIT;
    severity_map map = SEVERITY_MAP_INIT;
    unsigned char pixel = 1;
    uintptr_t value = (uintptr_t)engine;
    const char *key, *text;
    int bit;

    pixels.data = &pixel;
    pixels.width = pixels.height = 1;
    CHECK_OK(severity_predict_pixels(engine, &pixels, &result));
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_predict_pixels((severity_engine *)&pixels, &pixels, &result), "not one");
    CHECK(no_score(&result));
    for (bit = 0; bit < 64; bit++) {
        severity_status status = severity_predict_pixels((severity_engine *)(value ^ ((uintptr_t)1 << bit)), &pixels, &result);
        CHECK(status == (bit < 16 ? SEVERITY_ERROR_INVALID_ARGUMENT : SEVERITY_ERROR_DISPOSED));
    }
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_destroy((severity_engine *)&pixels), "not one");
    CHECK_OK(severity_destroy(NULL));
    CHECK_OK(severity_destroy(engine));
    CHECK_STATUS(SEVERITY_ERROR_DISPOSED, severity_destroy(engine), "destroyed");
    CHECK_STATUS(SEVERITY_ERROR_DISPOSED, severity_predict_pixels(engine, &pixels, &result), "destroyed");
    CHECK(no_score(&result));
    CHECK_STATUS(SEVERITY_ERROR_DISPOSED, severity_predict_file(engine, "x.png", &result), "destroyed");
    CHECK_STATUS(SEVERITY_ERROR_DISPOSED, severity_predict_encoded(engine, &pixel, 1, NULL, &result), "destroyed");
    CHECK_STATUS(SEVERITY_ERROR_DISPOSED, severity_predict_batch(engine, &pixels, 1, &result, NULL), "destroyed");
    CHECK_STATUS(SEVERITY_ERROR_DISPOSED, severity_explain_pixels(engine, &pixels, &map, &result), "destroyed");
    CHECK_STATUS(SEVERITY_ERROR_DISPOSED, severity_explain_file(engine, "x.png", &map, &result), "destroyed");
    CHECK_STATUS(SEVERITY_ERROR_DISPOSED, severity_explain_encoded(engine, &pixel, 1, NULL, &map, &result), "destroyed");
    CHECK_STATUS(SEVERITY_ERROR_DISPOSED, severity_get_model_info(engine, &info), "destroyed");
    CHECK_STATUS(SEVERITY_ERROR_DISPOSED, severity_get_model_metadata(engine, 0, &key, &text), "destroyed");
}

int main(int count, char **arguments)
{
    severity_engine *engine;
    CHECK(count == 5);
    check_library();
    check_create(arguments[1], arguments[2], arguments[4]);
    CHECK_OK(severity_create_from_file(arguments[2], NULL, &engine));
    check_model(engine, arguments[2]);
    check_formats(engine);
    check_pixels(engine);
    check_files(engine, arguments[1], arguments[3], arguments[4]);
    check_batch(engine);
    check_explain(engine, arguments[1], arguments[4]);
    check_limits(arguments[1], arguments[2]);
    check_handles(engine);
    puts("ok");
    return 0;
}
