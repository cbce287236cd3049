/* What the test programs share: a check that names its line, and the reading of a file. */
#ifndef CHECK_H
#define CHECK_H

#include "severity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "%s:%d: %s; last error: %s\n", __FILE__, __LINE__, #condition, severity_last_error()); \
            exit(1); \
        } \
    } while (0)

/* A status, and a text that names it: none after a success, and one that holds `part` after a failure. */
#define CHECK_STATUS(expected, call, part) \
    do { \
        severity_status check_status = (call); \
        const char *check_text = severity_last_error(); \
        if (check_status != (expected) || (check_status == SEVERITY_OK) != (*check_text == 0) || strstr(check_text, (part)) == NULL) { \
            fprintf(stderr, "%s:%d: %s gave %d '%s'\n", __FILE__, __LINE__, #call, (int)check_status, check_text); \
            exit(1); \
        } \
    } while (0)

#define CHECK_OK(call) CHECK_STATUS(SEVERITY_OK, call, "")

static inline unsigned char *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    unsigned char *bytes;
    long length;
    CHECK(file != NULL);
    CHECK(fseek(file, 0, SEEK_END) == 0);
    length = ftell(file);
    CHECK(length > 0);
    rewind(file);
    bytes = malloc((size_t)length);
    CHECK(bytes != NULL);
    CHECK(fread(bytes, 1, (size_t)length, file) == (size_t)length);
    fclose(file);
    *size = (size_t)length;
    return bytes;
}

#endif
