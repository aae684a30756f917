#ifndef WIREROOM_CMALLOC_SHIM_H
#define WIREROOM_CMALLOC_SHIM_H
// Not in Swift's module of glibc.
#include <malloc.h>
#endif
