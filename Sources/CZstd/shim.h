#ifndef WIREROOM_CZSTD_SHIM_H
#define WIREROOM_CZSTD_SHIM_H
#include <zstd.h>
#include <zdict.h>
#endif
