#ifndef WIREROOM_CLIBXML2_SHIM_H
#define WIREROOM_CLIBXML2_SHIM_H
#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xmlerror.h>

// `xmlFree` is a mutable global function pointer, which Swift 6 does not let us read.
static inline void wireroom_xml_free(void *pointer) { xmlFree(pointer); }
#endif
