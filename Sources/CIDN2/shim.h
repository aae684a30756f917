#ifndef WIREROOM_CIDN2_SHIM_H
#define WIREROOM_CIDN2_SHIM_H
#include <idn2.h>
#include <stdlib.h>
#endif
