/* checksum.h - CRC-32, which tells whole files from damaged ones.
 *
 * source: ISO 3309, as in zlib, gzip and PNG (polynomial 0xedb88320, reflected): what `zlib.crc32` of Python gives.
 * Any damage within 32 bits in a row is seen for certain, other damage with probability 1 - 2^-32.
 */
#ifndef SWL_DATA_CHECKSUM_H
#define SWL_DATA_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/* Of what `before` is the checksum of (0: of nothing), followed by `count` bytes. */
uint32_t swl_checksum(uint32_t before, const void *bytes, size_t count);

#endif
