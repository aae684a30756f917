#ifndef WIREROOM_CCRYPTO_SHIM_H
#define WIREROOM_CCRYPTO_SHIM_H

#include <openssl/sha.h>

#endif
