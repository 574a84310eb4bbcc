/* seal.h - where a sealed safetensors file has its checksum: at a fixed place, so that it can be checked before a byte
 * of the header is believed. */
#ifndef SWL_FILES_SEAL_H
#define SWL_FILES_SEAL_H

#include "data/checksum.h"

/* The header begins with this, then come the digits. */
#define SWL_SEAL_HEAD "{\"__metadata__\":{\"crc32\":\""

enum { SWL_SEAL_DIGITS = 8, SWL_SEAL_AT = 8 + sizeof SWL_SEAL_HEAD - 1 /* bytes from the begin of the file */ };

void swl_seal_text(uint32_t sum, char digits[SWL_SEAL_DIGITS + 1]);

#endif
