/* Reads a byte past the end of its memory: valgrind's report has to name it. */
#include "severity.h"

#include <stdlib.h>

int main(void)
{
    volatile unsigned char *bytes = calloc(10, 1);
    unsigned char byte = bytes[10];
    free((void *)bytes);
    return severity_abi_version() == SEVERITY_ABI_VERSION ? byte & 0 : 1;
}
