/*
 * Scores chest X-rays with libseverity: image files as they are, and PGM files (P5, 8 or 16 bits) as raw pixels.
 * Research only, not for medical use.
 *
 *     gcc -std=c99 score.c $(pkg-config --cflags --libs severity) -o score
 */
#include <severity.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void log_line(void *context, int32_t level, const char *message)
{
    (void)context;
    if (level >= SEVERITY_LOG_WARNING)
        fprintf(stderr, "score: warning: %s\n", message);
}

/* Reads a PGM file into memory of its own, which the caller frees. Gives 0 if it cannot. */
static int read_pgm(const char *path, severity_pixels *pixels, unsigned char **memory)
{
    long width, height, white, i, samples;
    int ok = 0;
    FILE *file = fopen(path, "rb");
    *memory = NULL;
    if (file == NULL)
        return 0;
    if (fscanf(file, "P5 %ld %ld %ld", &width, &height, &white) == 3 && fgetc(file) != EOF
        && width > 0 && width <= 32768 && height > 0 && height <= 32768 && white > 0 && white < 65536) {
        const long bytes = white > 255 ? 2 : 1;
        samples = width * height;
        *memory = malloc((size_t)(samples * bytes));
        if (*memory != NULL && fread(*memory, (size_t)bytes, (size_t)samples, file) == (size_t)samples) {
            for (i = 0; bytes == 2 && i < samples; i++) { /* the file has the high byte first; the library, the machine's order */
                const uint16_t sample = (uint16_t)((*memory)[2 * i] << 8 | (*memory)[2 * i + 1]);
                memcpy(*memory + 2 * i, &sample, 2);
            }
            pixels->format = bytes == 2 ? SEVERITY_PIXELS_GRAY16 : SEVERITY_PIXELS_GRAY8;
            pixels->data = *memory;
            pixels->data_size = (size_t)(samples * bytes);
            pixels->width = (int32_t)width;
            pixels->height = (int32_t)height;
            pixels->max_value = (int32_t)white;
            ok = 1;
        }
    }
    fclose(file);
    return ok;
}

/* A status of this program's own: the file never reached the library. */
enum { NOT_READ = -1 };

static severity_status score(severity_engine *engine, const char *path, severity_result *result)
{
    const size_t length = strlen(path);
    severity_pixels pixels = SEVERITY_PIXELS_INIT;
    unsigned char *memory;
    severity_status status;
    if (length < 4 || strcmp(path + length - 4, ".pgm") != 0)
        return severity_predict_file(engine, path, result);
    if (read_pgm(path, &pixels, &memory)) {
        status = severity_predict_pixels(engine, &pixels, result);
    } else {
        fprintf(stderr, "score: %s: not a PGM file (P5) that can be read\n", path);
        status = NOT_READ;
    }
    free(memory);
    return status;
}

int main(int count, char **arguments)
{
    severity_engine *engine;
    severity_options options = SEVERITY_OPTIONS_INIT;
    int i, failed = 0;

    if (severity_abi_version() < SEVERITY_ABI_VERSION) {
        fprintf(stderr, "score: the library is older than this program\n");
        return 2;
    }
    options.log = log_line;
    if (severity_create(&options, &engine) != SEVERITY_OK) {
        fprintf(stderr, "score: %s\n", severity_last_error());
        return 2;
    }
    for (i = 1; i < count; i++) {
        severity_result result = SEVERITY_RESULT_INIT;
        const severity_status status = score(engine, arguments[i], &result);
        if (status == SEVERITY_OK) {
            printf("%s: geographic extent %.17g of 8, opacity %.17g of 6\n", arguments[i], result.geographic_extent, result.opacity);
        } else {
            if (status != NOT_READ)
                fprintf(stderr, "score: %s (%s)\n", severity_last_error(), severity_status_name(status));
            failed = 1;
        }
    }
    severity_destroy(engine);
    return failed;
}
