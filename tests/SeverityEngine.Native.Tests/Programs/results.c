/*
 * Results of DICOM files through the ABI. Arguments: a model, a DICOM file of 12-bit pixels, the same without StudyInstanceUID, a picture
 * that is no DICOM file, and the files that the report and the capture are written to.
 */
#include "check.h"

#define LEAST_SIDE 64

static void write_file(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL);
    CHECK(fwrite(bytes, 1, size, file) == size);
    CHECK(fclose(file) == 0);
}

static int is_dicom(const unsigned char *bytes, size_t size)
{
    return size > 132 && memcmp(bytes + 128, "DICM", 4) == 0;
}

int main(int argc, char **argv)
{
    severity_engine *engine;
    severity_result result = SEVERITY_RESULT_INIT, plain = SEVERITY_RESULT_INIT;
    severity_dicom_results results = SEVERITY_DICOM_RESULTS_INIT, none = SEVERITY_DICOM_RESULTS_INIT, again;
    static unsigned char report[65536], other[65536], capture[8 << 20], second[8 << 20];
    const char *file;
    unsigned char *bytes;
    size_t size, i;

    CHECK(argc == 7);
    file = argv[2];
    CHECK_OK(severity_create_from_file(argv[1], NULL, &engine));
    CHECK_OK(severity_predict_file(engine, file, &plain));

    /* Nothing is wanted but the scores. */
    CHECK_OK(severity_dicom_file(engine, file, &none, &result));
    CHECK(result.geographic_extent_raw == plain.geographic_extent_raw && result.opacity_raw == plain.opacity_raw);
    CHECK(none.report_size == 0 && none.capture_size == 0);

    /* Room that is too small: the sizes say what it takes, and nothing is written. */
    results.report = report;
    results.report_room = 1;
    results.capture = capture;
    results.capture_room = 1;
    memset(report, 0xA5, sizeof(report));
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_dicom_file(engine, file, &results, &result), "the report has room for 1 bytes");
    CHECK(results.report_size > 1000 && results.report_size < sizeof(report));
    CHECK(results.capture_size > 3 * LEAST_SIDE * LEAST_SIDE && results.capture_size < sizeof(capture));
    CHECK(result.opacity != result.opacity);
    results.report_room = results.report_size;
    results.capture_room = results.capture_size - 1;
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_dicom_file(engine, file, &results, &result), "the capture has room for");
    for (i = 0; i < sizeof(report); i++)
        CHECK(report[i] == 0xA5);

    /* Exactly as much as it takes; and not a byte more is touched. */
    results.capture_room = results.capture_size;
    CHECK_OK(severity_dicom_file(engine, file, &results, &result));
    CHECK(result.geographic_extent_raw == plain.geographic_extent_raw && result.opacity_raw == plain.opacity_raw);
    CHECK(results.report_size == results.report_room && results.capture_size == results.capture_room);
    CHECK(is_dicom(report, results.report_size) && is_dicom(capture, results.capture_size));
    for (i = results.report_size; i < sizeof(report); i++)
        CHECK(report[i] == 0xA5);
    write_file(argv[5], report, results.report_size);
    write_file(argv[6], capture, results.capture_size);

    /* From memory, one at a time: the same bytes, as SOURCE_DATE_EPOCH fixes the dates. */
    bytes = read_file(file, &size);
    again = none;
    again.report = other;
    again.report_room = sizeof(other);
    CHECK_OK(severity_dicom_encoded(engine, bytes, size, "x.dcm", &again, &result));
    CHECK(again.report_size == results.report_size && memcmp(report, other, again.report_size) == 0 && again.capture_size == 0);
    again = none;
    again.capture = second;
    again.capture_room = sizeof(second);
    CHECK_OK(severity_dicom_encoded(engine, bytes, size, NULL, &again, &result));
    CHECK(again.capture_size == results.capture_size && memcmp(capture, second, again.capture_size) == 0 && again.report_size == 0);
    /* Over the whole image, to a fixed end, of the other score: another picture, with another UID. */
    again.overlay = SEVERITY_OVERLAY_ORIGINAL;
    again.target = SEVERITY_TARGET_OPACITY;
    again.picture_end = 0.5;
    CHECK_OK(severity_dicom_encoded(engine, bytes, size, NULL, &again, &result));
    CHECK(is_dicom(second, again.capture_size));
    CHECK(again.capture_size != results.capture_size || memcmp(capture, second, again.capture_size) != 0);

    /* What cannot be. */
    again.overlay = 2;
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_dicom_file(engine, file, &again, &result), "a picture over 2");
    again.overlay = 0;
    again.picture_end = -1;
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_dicom_file(engine, file, &again, &result), "a picture_end of -1");
    again.picture_end = 0;
    again.method = 9;
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_dicom_file(engine, file, &again, &result), "by method 9");
    again = none;
    again.report_room = 5;
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_dicom_file(engine, file, &again, &result), "a report at NULL");
    again = none;
    again.capture_room = 5;
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_dicom_file(engine, file, &again, &result), "a capture at NULL");
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_dicom_file(engine, file, NULL, &result), "severity_dicom_results is NULL");
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_dicom_file(engine, NULL, &results, &result), "path is NULL");
    CHECK_STATUS(SEVERITY_ERROR_INVALID_ARGUMENT, severity_dicom_file(engine, file, &results, NULL), "severity_result is NULL");
    CHECK_STATUS(SEVERITY_ERROR_IMAGE_FORMAT_UNSUPPORTED, severity_dicom_file(engine, argv[3], &results, &result), "StudyInstanceUID");
    CHECK(results.report_size == 0 && results.capture_size == 0);
    CHECK_STATUS(SEVERITY_ERROR_IMAGE_FORMAT_UNSUPPORTED, severity_dicom_file(engine, argv[4], &results, &result), "no DICOM file");
    CHECK_OK(severity_destroy(engine));
    CHECK_STATUS(SEVERITY_ERROR_DISPOSED, severity_dicom_file(engine, file, &results, &result), "");
    free(bytes);
    puts("ok");
    return 0;
}
