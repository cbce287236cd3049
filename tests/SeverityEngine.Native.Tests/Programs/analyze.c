/*
 * Everything beyond the two scores: findings, features, the network's input, maps and their pictures, hashes, warnings, installed models,
 * files at once, and decoding alone. Arguments: an image, its SHA-256, a model, its SHA-256, a color image, which is odd in two ways, a
 * 16-bit image of 37 x 21 pixels, those pixels, and what the command says of the first image's contrast. The store of SEVERITY_HOME has the model as "good", and a changed one as "changed".
 *
 * The model's input is 32 x 32. It gives mean / 256 as the extent, mean / 512, -mean / 512 and mean / 1024 as logits, and the mean and its
 * half as features.
 */
#include "check.h"

#include <math.h>
#include <stdint.h>

#define SIDE 32

static double contrast;
static const char *image, *image_hash, *model, *model_hash, *odd, *deep, *deep_pixels;

static int log_lines;

static void count_log(void *context, int32_t level, const char *message)
{
    (void)context;
    log_lines += level == SEVERITY_LOG_WARNING && strstr(message, odd) == message;
    /* The log may call the library: what the call itself has to say is not lost by it. */
    CHECK(severity_cancel(NULL) == SEVERITY_ERROR_INVALID_ARGUMENT);
}

static void check_model(severity_engine *engine)
{
    severity_model_info info = SEVERITY_MODEL_INFO_INIT, old = SEVERITY_MODEL_INFO_INIT;
    const char *hash, *again;

    CHECK_OK(severity_get_model_info(engine, &info));
    CHECK(info.label_count == 3 && info.feature_count == 2);
    CHECK(strcmp(info.labels[0], "Effusion") == 0 && strcmp(info.labels[1], "Mass") == 0 && strcmp(info.labels[2], "Edema") == 0);
    /* A program of the ABI's first version. */
    old.size = (uint32_t)offsetof(severity_model_info, label_count);
    old.feature_count = 77;
    CHECK_OK(severity_get_model_info(engine, &old));
    CHECK(old.input_size == SIDE && old.feature_count == 77 && old.label_count == 0);

    CHECK_OK(severity_get_model_sha256(engine, &hash));
    CHECK(strcmp(hash, model_hash) == 0);
    CHECK_OK(severity_get_model_sha256(engine, &again));
    CHECK(hash == again);
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_get_model_sha256(engine, NULL), "NULL");
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_get_model_sha256(NULL, &hash), "engine is NULL");
}

/* All that can be wanted, each with a place more behind it that has to stay as it is. */
static double findings[4];
static float logits[4], features[3], input[SIDE * SIDE + 1], map[SIDE * SIDE + 1];
static unsigned char picture[3 * SIDE * SIDE + 1];

static severity_outputs everything(void)
{
    severity_outputs outputs = SEVERITY_OUTPUTS_INIT;
    findings[3] = logits[3] = features[2] = input[SIDE * SIDE] = map[SIDE * SIDE] = 77;
    picture[3 * SIDE * SIDE] = 77;
    outputs.findings = findings;
    outputs.finding_count = 3;
    outputs.logits = logits;
    outputs.logit_count = 3;
    outputs.features = features;
    outputs.feature_count = 2;
    outputs.input = input;
    outputs.input_count = SIDE * SIDE;
    outputs.map = map;
    outputs.map_count = SIDE * SIDE;
    outputs.picture = picture;
    outputs.picture_size = 3 * SIDE * SIDE;
    return outputs;
}

static int all_kept(void)
{
    return findings[3] == 77 && logits[3] == 77 && features[2] == 77 && input[SIDE * SIDE] == 77 && map[SIDE * SIDE] == 77
        && picture[3 * SIDE * SIDE] == 77;
}

/* The first color of viridis is (68, 1, 84); over black, half of it. */
static int is_least(const unsigned char *pixel)
{
    return pixel[0] == 34 && pixel[1] <= 1 && pixel[2] == 42;
}

static void check_pixels(severity_engine *engine)
{
    static unsigned char data[SIDE * (SIDE + 16)], wide[3 * SIDE * (SIDE + 16)];
    severity_outputs outputs = everything();
    severity_result result = SEVERITY_RESULT_INIT;
    severity_pixels pixels = SEVERITY_PIXELS_INIT;
    const double mean = (2 * 200 / 255.0 - 1) * 1024, slope = 1.0 / 256 / (SIDE * SIDE);
    int i, x, y;

    memset(data, 200, sizeof(data));
    pixels.data = data;
    pixels.width = pixels.height = SIDE;
    CHECK_OK(severity_analyze_pixels(engine, &pixels, &outputs, &result));
    CHECK(fabs(result.geographic_extent_raw - mean / 256) < 1e-5 && all_kept());
    CHECK(fabs(logits[0] - mean / 512) < 1e-5 && fabs(logits[1] + mean / 512) < 1e-5 && fabs(logits[2] - mean / 1024) < 1e-5);
    CHECK(fabs(features[0] - mean) < 1e-3 && fabs(features[1] - mean / 2) < 1e-3);
    for (i = 0; i < 3; i++)
        CHECK(fabs(findings[i] - 1 / (1 + exp(-(double)logits[i]))) < 1e-9);
    for (i = 0; i < SIDE * SIDE; i++) {
        CHECK(fabs(input[i] - mean) < 1e-3);
        CHECK(fabs(map[i] - slope * slope) < 1e-5 * slope * slope);
        CHECK(is_least(picture + 3 * i)); /* one value alone is its own least */
    }

    /* One by one: what is not wanted is not needed for what is. */
    memset(findings, 0, sizeof(findings));
    memset(picture, 0, sizeof(picture));
    outputs = everything();
    outputs.logits = outputs.features = outputs.input = outputs.map = NULL;
    outputs.logit_count = outputs.feature_count = outputs.input_count = outputs.map_count = 0;
    CHECK_OK(severity_analyze_pixels(engine, &pixels, &outputs, &result));
    CHECK(fabs(findings[0] - 1 / (1 + exp(-mean / 512))) < 1e-6 && is_least(picture) && is_least(picture + 3 * SIDE * SIDE - 3));

    /* Colors to an end: at its half 0.7 of viridis' middle, 33 145 140, over black; far below it nothing. */
    outputs.picture_end = 2 * slope * slope;
    CHECK_OK(severity_analyze_pixels(engine, &pixels, &outputs, &result));
    CHECK(abs(picture[0] - 23) <= 1 && abs(picture[1] - 101) <= 1 && abs(picture[2] - 98) <= 1);
    outputs.picture_end = 1;
    CHECK_OK(severity_analyze_pixels(engine, &pixels, &outputs, &result));
    CHECK(picture[0] == 0 && picture[1] == 0 && picture[2] == 0);
    memset(picture, 0, sizeof(picture));
    memset(&outputs, 0, sizeof(outputs));
    outputs.size = sizeof(outputs);
    CHECK_OK(severity_analyze_pixels(engine, &pixels, &outputs, &result));
    CHECK(fabs(result.geographic_extent_raw - mean / 256) < 1e-5);

    /* Over the whole image: what the network does not see, 8 columns at each side, is gray alone. */
    for (y = 0; y < SIDE; y++)
        for (x = 0; x < SIDE + 16; x++)
            data[y * (SIDE + 16) + x] = x < 4 ? 255 : 0;
    pixels.width = SIDE + 16;
    outputs.overlay = SEVERITY_OVERLAY_ORIGINAL;
    outputs.picture = wide;
    outputs.picture_size = sizeof(wide);
    CHECK_OK(severity_analyze_pixels(engine, &pixels, &outputs, &result));
    for (y = 0; y < SIDE; y++) {
        for (x = 0; x < SIDE + 16; x++) {
            const unsigned char *pixel = wide + 3 * (y * (SIDE + 16) + x);
            CHECK(x >= 8 && x < SIDE + 8 ? is_least(pixel)
                : pixel[0] == (x < 4 ? 255 : 0) && pixel[1] == pixel[0] && pixel[2] == pixel[0]);
        }
    }

#define REFUSE(change, status, part) \
    do { \
        outputs = everything(); \
        change; \
        CHECK_STATUS(status, severity_analyze_pixels(engine, &pixels, &outputs, &result), part); \
        CHECK(isnan(result.opacity) && all_kept()); \
    } while (0)
    REFUSE(outputs.size = 8, SEVERITY_ERROR_INVALID_ARGUMENT, "sizeof(severity_outputs)");
    REFUSE(outputs.finding_count = 2, SEVERITY_ERROR_INVALID_ARGUMENT, "findings: there is room for 2");
    REFUSE(outputs.finding_count = SIZE_MAX, SEVERITY_ERROR_INVALID_ARGUMENT, "findings");
    REFUSE(outputs.logits = NULL, SEVERITY_ERROR_INVALID_ARGUMENT, "logits: room for 3 at NULL");
    REFUSE(outputs.feature_count = 0, SEVERITY_ERROR_INVALID_ARGUMENT, "features");
    REFUSE(outputs.input_count++, SEVERITY_ERROR_INVALID_ARGUMENT, "input");
    REFUSE(outputs.map_count--, SEVERITY_ERROR_INVALID_ARGUMENT, "map");
    REFUSE(outputs.picture_size--, SEVERITY_ERROR_INVALID_ARGUMENT, "picture");
    REFUSE(outputs.overlay = SEVERITY_OVERLAY_ORIGINAL, SEVERITY_ERROR_INVALID_ARGUMENT, "48 x 32");
    REFUSE(outputs.overlay = 2, SEVERITY_ERROR_INVALID_ARGUMENT, "SEVERITY_OVERLAY_");
    REFUSE(outputs.picture_end = -1, SEVERITY_ERROR_INVALID_ARGUMENT, "picture_end of -1");
    REFUSE(outputs.picture_end = NAN, SEVERITY_ERROR_INVALID_ARGUMENT, "picture_end");
    REFUSE(outputs.picture_end = 1e300, SEVERITY_ERROR_INVALID_ARGUMENT, "picture_end");
    REFUSE(outputs.target = 2, SEVERITY_ERROR_INVALID_ARGUMENT, "score 2");
    REFUSE((outputs.sha256 = (char *)picture, outputs.sha256_size = 64), SEVERITY_ERROR_INVALID_ARGUMENT, "65");
    REFUSE((outputs.sha256 = (char *)picture, outputs.sha256_size = 65), SEVERITY_ERROR_INVALID_ARGUMENT, "raw pixels");
    REFUSE(outputs.method = SEVERITY_METHOD_CLASS_ACTIVATION, SEVERITY_ERROR_MODEL_UNSUPPORTED, "findings");
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_analyze_pixels(engine, &pixels, NULL, &result), "severity_outputs is NULL");
}

static void check_files(severity_engine *engine)
{
    severity_outputs outputs = everything();
    severity_result result = SEVERITY_RESULT_INIT, score = SEVERITY_RESULT_INIT;
    char hash[66] = "", again[65] = "";
    size_t size;
    unsigned char *bytes = read_file(image, &size);
    double sum = 0;
    int i;

    outputs.sha256 = hash;
    outputs.sha256_size = sizeof(hash);
    hash[65] = 'x';
    CHECK_OK(severity_predict_file(engine, image, &score));
    CHECK_OK(severity_analyze_file(engine, image, &outputs, &result));
    CHECK(fabs(result.geographic_extent_raw - score.geographic_extent_raw) < 1e-5 && result.decode_ms > 0 && all_kept());
    CHECK(result.domain_contrast_ratio == contrast && score.domain_contrast_ratio == contrast && contrast > 0);
    CHECK(strcmp(hash, image_hash) == 0 && hash[65] == 'x');
    for (i = 0; i < SIDE * SIDE; i++)
        sum += input[i];
    CHECK(fabs(sum / (SIDE * SIDE) - 256 * score.geographic_extent_raw) < 1e-2);
    outputs = everything();
    outputs.sha256 = again;
    outputs.sha256_size = sizeof(again);
    memset(logits, 0, sizeof(logits));
    CHECK_OK(severity_analyze_encoded(engine, bytes, size, NULL, &outputs, &result));
    CHECK(fabs(logits[0] - score.geographic_extent_raw / 2) < 1e-4 && strcmp(again, image_hash) == 0);
    CHECK_STATUS(SEVERITY_ERROR_IMAGE_TRUNCATED, severity_analyze_encoded(engine, bytes, size / 2, "study 7", &outputs, &result), "study 7");
    CHECK(isnan(result.opacity));
    CHECK_STATUS(SEVERITY_ERROR_FILE_NOT_FOUND, severity_analyze_file(engine, "/no/such.png", &outputs, &result), "/no/such.png");
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_analyze_file(engine, image, NULL, &result), "severity_outputs is NULL");
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_analyze_file(engine, NULL, &outputs, &result), "path is NULL");
    free(bytes);
}

/* How many lines the thread's warnings have; each begins with the image's name. */
static int odd_lines(void)
{
    const char *line = severity_last_warnings();
    int lines = 0;
    for (; line != NULL && *line != 0; lines++) {
        CHECK(strstr(line, odd) == line);
        line = strchr(line, '\n');
        line = line == NULL ? NULL : line + 1;
    }
    return lines;
}

static void check_warnings(severity_engine *engine)
{
    severity_outputs outputs = SEVERITY_OUTPUTS_INIT;
    severity_result result = SEVERITY_RESULT_INIT;
    severity_model_info info = SEVERITY_MODEL_INFO_INIT;
    severity_image decoded = SEVERITY_IMAGE_INIT;

#define CHECK_ODD() CHECK(odd_lines() == 2)
    CHECK_OK(severity_predict_file(engine, image, &result));
    CHECK(result.warnings == 0 && *severity_last_warnings() == 0);
    log_lines = 0;
    CHECK_OK(severity_predict_file(engine, odd, &result));
    CHECK(result.warnings == 2 && log_lines == 2);
    CHECK_ODD();
    CHECK_ODD(); /* looking at it does not use it up */
    CHECK_OK(severity_get_model_info(engine, &info));
    CHECK(*severity_last_warnings() == 0);
    CHECK_OK(severity_analyze_file(engine, odd, &outputs, &result));
    CHECK(result.warnings == 2 && log_lines == 4);
    CHECK_ODD();
    CHECK(severity_predict_file(engine, "/no/such.png", &result) != SEVERITY_OK);
    CHECK(*severity_last_warnings() == 0);
    CHECK_OK(severity_decode_file(odd, NULL, NULL, 0, &decoded));
    CHECK(decoded.warnings == 1 && odd_lines() == 1); /* nobody asked whether it is an X-ray */
}

static void check_decode(void)
{
    static unsigned char pixels[37 * 21 * 2 + 1];
    severity_image decoded = SEVERITY_IMAGE_INIT, none = SEVERITY_IMAGE_INIT;
    severity_options options = SEVERITY_OPTIONS_INIT;
    size_t size, encoded_size;
    unsigned char *expected = read_file(deep_pixels, &size), *encoded = read_file(deep, &encoded_size);

    CHECK_OK(severity_decode_file(deep, NULL, NULL, 0, &decoded));
    CHECK(decoded.width == 37 && decoded.height == 21 && decoded.bits == 16 && decoded.format == SEVERITY_PIXELS_GRAY16);
    CHECK(decoded.max_value == 65535 && decoded.data_size == 37 * 21 * 2 && size == decoded.data_size);
    pixels[size] = 77;
    CHECK_OK(severity_decode_file(deep, NULL, pixels, size, &decoded));
    CHECK(memcmp(pixels, expected, size) == 0 && pixels[size] == 77);
    memset(pixels, 0, size);
    CHECK_OK(severity_decode_encoded(encoded, encoded_size, NULL, NULL, pixels, sizeof(pixels), &decoded));
    CHECK(memcmp(pixels, expected, size) == 0 && pixels[size] == 77 && decoded.width == 37);

    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_decode_file(deep, NULL, pixels, size - 1, &decoded), "takes 1554");
    CHECK(memcmp(&decoded, &none, sizeof(none)) == 0);
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_decode_file(deep, NULL, NULL, 1, &decoded), "NULL");
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_decode_file(NULL, NULL, NULL, 0, &decoded), "path is NULL");
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_decode_file(deep, NULL, NULL, 0, NULL), "severity_image is NULL");
    CHECK_STATUS(SEVERITY_ERROR_FILE_NOT_FOUND, severity_decode_file("/no/such.png", NULL, NULL, 0, &decoded), "/no/such.png");
    CHECK_STATUS(SEVERITY_ERROR_IMAGE_TRUNCATED,
        severity_decode_encoded(encoded, encoded_size / 2, "study 7", NULL, pixels, size, &decoded), "study 7");
    options.max_side = 36;
    CHECK_STATUS(SEVERITY_ERROR_IMAGE_TOO_LARGE, severity_decode_file(deep, &options, pixels, size, &decoded), "36");
    options.max_side = 0;
    options.max_file_bytes = 10;
    CHECK_STATUS(SEVERITY_ERROR_FILE_TOO_LARGE, severity_decode_file(deep, &options, pixels, size, &decoded), "10 bytes");
    CHECK_STATUS(SEVERITY_ERROR_FILE_TOO_LARGE,
        severity_decode_encoded(encoded, encoded_size, NULL, &options, pixels, size, &decoded), "10 bytes");
    options.max_file_bytes = -1;
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_decode_file(deep, &options, pixels, size, &decoded), "negative");
    free(expected);
    free(encoded);
}

static void check_installed(void)
{
    severity_engine *engine;
    const char *hash;
    CHECK_OK(severity_create_from_installed("good", NULL, &engine));
    CHECK_OK(severity_get_model_sha256(engine, &hash));
    CHECK(strcmp(hash, model_hash) == 0);
    CHECK_OK(severity_destroy(engine));
    CHECK_STATUS(SEVERITY_ERROR_VERIFICATION_FAILED, severity_create_from_installed("changed", NULL, &engine), "changed.onnx");
    CHECK(engine == NULL);
    CHECK_STATUS(SEVERITY_ERROR_MODEL_NOT_FOUND, severity_create_from_installed("nowhere", NULL, &engine), "good");
    CHECK_STATUS(SEVERITY_ERROR_MODEL_NOT_FOUND, severity_create_from_installed("../models/good", NULL, &engine), "no installed model");
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_create_from_installed(NULL, NULL, &engine), "name is NULL");
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_create_from_installed("good", NULL, NULL), "NULL");
}

static void check_batch(severity_engine *engine)
{
    enum { COUNT = 24 };
    const char *paths[COUNT];
    severity_result results[COUNT], score = SEVERITY_RESULT_INIT, odd_score = SEVERITY_RESULT_INIT;
    severity_status statuses[COUNT];
    int i;

    CHECK_OK(severity_predict_file(engine, image, &score));
    CHECK_OK(severity_predict_file(engine, odd, &odd_score));
    for (i = 0; i < COUNT; i++)
        paths[i] = i % 3 == 0 ? image : odd;
    memset(results, 0xAA, sizeof(results));
    results[0].size = sizeof(results[0]);
    log_lines = 0;
    CHECK_OK(severity_predict_files(engine, paths, COUNT, results, statuses));
    for (i = 0; i < COUNT; i++) {
        CHECK(statuses[i] == SEVERITY_OK && results[i].size == sizeof(results[i]));
        CHECK(results[i].geographic_extent_raw == (i % 3 == 0 ? score : odd_score).geographic_extent_raw);
        CHECK(results[i].warnings == (i % 3 == 0 ? 0u : 2u));
    }
    CHECK(odd_lines() == 32 && log_lines == 32);

    paths[5] = "/no/such.png";
    paths[7] = NULL;
    paths[8] = "\xff";
    CHECK_STATUS(SEVERITY_ERROR_FILE_NOT_FOUND, severity_predict_files(engine, paths, COUNT, results, statuses), "image 5 of 24: /no/such.png");
    CHECK(strstr(severity_last_warnings(), odd) != NULL);
    CHECK(statuses[5] == SEVERITY_ERROR_FILE_NOT_FOUND && statuses[7] == SEVERITY_ERROR_INVALID_ARGUMENT && isnan(results[7].opacity));
    CHECK(statuses[8] == SEVERITY_ERROR_INVALID_ARGUMENT && statuses[6] == SEVERITY_OK && !isnan(results[9].opacity));
    CHECK_OK(severity_predict_files(engine, NULL, 0, NULL, NULL));
    CHECK(*severity_last_warnings() == 0);
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_predict_files(engine, NULL, 1, results, NULL), "paths is NULL");
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_predict_files(engine, paths, 1, NULL, NULL), "severity_result is NULL");
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_predict_files(engine, paths, SIZE_MAX, results, NULL), "the most");
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_predict_files(NULL, paths, 1, results, NULL), "engine is NULL");
}

int main(int count, char **arguments)
{
    severity_options options = SEVERITY_OPTIONS_INIT;
    severity_engine *engine;
    CHECK(count == 9);
    image = arguments[1];
    image_hash = arguments[2];
    model = arguments[3];
    model_hash = arguments[4];
    odd = arguments[5];
    deep = arguments[6];
    deep_pixels = arguments[7];
    contrast = strtod(arguments[8], NULL);
    options.log = count_log;
    options.max_concurrency = 4;
    CHECK_OK(severity_create_from_file(model, &options, &engine));
    check_model(engine);
    check_pixels(engine);
    check_files(engine);
    check_warnings(engine);
    check_batch(engine);
    CHECK_OK(severity_destroy(engine));
    check_decode();
    check_installed();
    puts("ok");
    return 0;
}
