#ifndef WIREROOM_CPOSTGRESQL_SHIM_H
#define WIREROOM_CPOSTGRESQL_SHIM_H
#include <libpq-fe.h>
#endif
