/*
 * DICOM through the ABI: files score as their pixels do. Arguments: a model, a DICOM file of 16 x 16 pixels of 12 bits with a window, one of
 * three frames with the same first one, a CT image with the same pixels, and the pixels as they are read with and without the window, in
 * 16 bits.
 */
#include "check.h"

#include <stddef.h>
#include <stdint.h>

#define SIDE 16
#define MAP 32

static severity_result score_pixels(severity_engine *engine, const uint16_t *values, int32_t max_value)
{
    severity_result result = SEVERITY_RESULT_INIT;
    severity_pixels pixels = SEVERITY_PIXELS_INIT;
    pixels.format = SEVERITY_PIXELS_GRAY16;
    pixels.data = values;
    pixels.width = SIDE;
    pixels.height = SIDE;
    pixels.max_value = max_value;
    CHECK_OK(severity_predict_pixels(engine, &pixels, &result));
    return result;
}

static int same(const severity_result *a, const severity_result *b)
{
    return a->geographic_extent_raw == b->geographic_extent_raw && a->opacity_raw == b->opacity_raw;
}

/* Every way to score a file gives what its pixels give, to the last bit. */
static void check_file(severity_engine *engine, const char *path, const severity_result *expected)
{
    size_t size, i;
    unsigned char *bytes = read_file(path, &size);
    severity_result file = SEVERITY_RESULT_INIT, memory = SEVERITY_RESULT_INIT, explained = SEVERITY_RESULT_INIT;
    float of_file[MAP * MAP], of_memory[MAP * MAP], largest = 0;
    severity_map map = SEVERITY_MAP_INIT;

    CHECK_OK(severity_predict_file(engine, path, &file));
    CHECK_OK(severity_predict_encoded(engine, bytes, size, "x", &memory));
    CHECK(same(&file, expected) && same(&memory, expected));
    map.values = of_file;
    map.count = MAP * MAP;
    CHECK_OK(severity_explain_file(engine, path, &map, &explained));
    CHECK(same(&explained, expected));
    map.values = of_memory;
    CHECK_OK(severity_explain_encoded(engine, bytes, size, NULL, &map, &explained));
    CHECK(same(&explained, expected));
    for (i = 0; i < MAP * MAP; i++)
        largest = of_file[i] > largest ? of_file[i] : largest;
    CHECK(largest > 0 && memcmp(of_file, of_memory, sizeof(of_file)) == 0);
    free(bytes);
}

int main(int argc, char **argv)
{
    severity_options options = SEVERITY_OPTIONS_INIT;
    severity_engine *engine;
    severity_result result = SEVERITY_RESULT_INIT, plain, windowed, second;
    const char *model, *file, *frames, *ct;
    uint16_t *pixels, *shown, turned[SIDE * SIDE];
    size_t size;
    int i;

    CHECK(argc == 7);
    model = argv[1];
    file = argv[2];
    frames = argv[3];
    ct = argv[4];
    pixels = (uint16_t *)read_file(argv[5], &size);
    CHECK(size == sizeof(turned));
    shown = (uint16_t *)read_file(argv[6], &size);
    CHECK(size == sizeof(turned));
    for (i = 0; i < SIDE * SIDE; i++)
        turned[i] = pixels[(SIDE - 1 - i / SIDE) * SIDE + i % SIDE];

    CHECK_OK(severity_create_from_file(model, &options, &engine));
    plain = score_pixels(engine, pixels, 4095);
    windowed = score_pixels(engine, shown, 65535);
    second = score_pixels(engine, turned, 4095);
    CHECK(!same(&plain, &windowed));
    check_file(engine, file, &plain);
    CHECK_STATUS(SEVERITY_ERROR_IMAGE_FORMAT_UNSUPPORTED, severity_predict_file(engine, frames, &result), "several frames");
    CHECK_STATUS(SEVERITY_ERROR_IMAGE_FORMAT_UNSUPPORTED, severity_predict_file(engine, ct, &result), "a CT image");
    CHECK_OK(severity_destroy(engine));

    options.dicom_voi = SEVERITY_DICOM_VOI_WINDOW;
    options.dicom_any_modality = 1;
    CHECK_OK(severity_create_from_file(model, &options, &engine));
    check_file(engine, file, &windowed);
    check_file(engine, ct, &plain); /* it has no window */
    CHECK_OK(severity_predict_file(engine, ct, &result));
    CHECK(result.warnings == 2);
    CHECK_OK(severity_destroy(engine));

    /* A program that was compiled before these fields came has their defaults, whatever follows its structure. */
    options.size = (uint32_t)offsetof(severity_options, dicom_voi);
    CHECK_OK(severity_create_from_file(model, &options, &engine));
    check_file(engine, file, &plain);
    CHECK_OK(severity_destroy(engine));
    options = (severity_options)SEVERITY_OPTIONS_INIT;

    options.dicom_frame = 2;
    CHECK_OK(severity_create_from_file(model, &options, &engine));
    check_file(engine, frames, &second);
    CHECK_STATUS(SEVERITY_ERROR_IMAGE_FORMAT_UNSUPPORTED, severity_predict_file(engine, file, &result), "one frame");
    CHECK_OK(severity_destroy(engine));

    options.dicom_frame = -1;
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_create_from_file(model, &options, &engine), "frame -1");
    options.dicom_frame = 0;
    options.dicom_voi = 3;
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_create_from_file(model, &options, &engine), "3");
    options.dicom_voi = 0;
    options.dicom_any_modality = 2;
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_create_from_file(model, &options, &engine), "dicom_any_modality 2");
    options.dicom_any_modality = 0;
    options.reserved_2 = 1;
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_create_from_file(model, &options, &engine), "reserved");

    free(pixels);
    free(shown);
    puts("ok");
    return 0;
}
