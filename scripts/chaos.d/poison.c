/* Loaded into a parse worker with LD_PRELOAD: a page with the poison in it kills the process as soon as it is unpacked,
   as a fault in a library that reads pages would. The program itself knows nothing of it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
#include <string.h>
#include <zstd.h>

size_t ZSTD_decompressStream(ZSTD_DStream *stream, ZSTD_outBuffer *output, ZSTD_inBuffer *input) {
    static size_t (*original)(ZSTD_DStream *, ZSTD_outBuffer *, ZSTD_inBuffer *);
    if (original == NULL) original = dlsym(RTLD_NEXT, "ZSTD_decompressStream");
    size_t start = output->pos;
    size_t result = original(stream, output, input);
    if (memmem((const char *)output->dst + start, output->pos - start, POISON, strlen(POISON)) != NULL) {
        /* A true fault: a signal that is only raised lets the process go on behind a handler that returns. */
        *(volatile int *)NULL = 0;
    }
    return result;
}
