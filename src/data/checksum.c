/* checksum.c - see checksum.h. */
#include "data/checksum.h"

#include <zlib.h>

uint32_t swl_checksum(uint32_t before, const void *bytes, size_t count) {
  return (uint32_t)crc32_z(before, bytes, count);
}
