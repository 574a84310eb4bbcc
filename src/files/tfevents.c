/* tfevents.c - see tfevents.h.
 *
 * source: TensorFlow's record format (lib/io/record_writer.h) and messages (core/util/event.proto, framework/summary.proto);
 *         Protocol Buffers, "Encoding"; CRC-32C: Castagnoli, Bräuer, Herrmann 1993.
 *
 * A record is  length (8 bytes)  mask(crc(length))  Event  mask(crc(Event)),  little-endian, with
 * mask(c) = (c >> 15 | c << 17) + 0xa282ead8. An Event has the fields
 *
 *   1 wall_time double · 2 step int64 · 3 file_version string · 5 summary · 7 session_log { 1 status: 1 = START }
 *   summary { 1 value { 1 tag string · 2 simple_value float } … }
 */
#include "files/tfevents.h"

#include "files/append.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
  TFEVENTS_VALUES = 64,   /* of one event */
  TFEVENTS_TAG_MAX = 112, /* so that the length of a value takes one byte */
  TFEVENTS_EVENT_MAX = 64 + TFEVENTS_VALUES * (TFEVENTS_TAG_MAX + 9),
  TFEVENTS_HEAD = 12, /* length and its checksum */
  TFEVENTS_TAIL = 4,  /* checksum of the event */
};

/* Protocol Buffers: the number of a field and how it is encoded. */
enum { TFEVENTS_VARINT = 0, TFEVENTS_FIXED64 = 1, TFEVENTS_BYTES = 2, TFEVENTS_FIXED32 = 5 };
#define TFEVENTS_KEY(number, wire) ((unsigned char)((number) << 3 | (wire)))

struct swl_tfevents {
  swl_append to;
  size_t length; /* of the event in bytes */
  unsigned char bytes[TFEVENTS_HEAD + TFEVENTS_EVENT_MAX + TFEVENTS_TAIL];
};

static uint32_t tfevents_crc(const unsigned char *bytes, size_t count) {
  uint32_t crc = 0xffffffffU;
  for (size_t i = 0; i < count; i++) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78U : 0);
  }
  return ~crc;
}

static uint32_t tfevents_mask(uint32_t crc) { return (crc >> 15 | crc << 17) + 0xa282ead8U; }

/* The `count` lowest bytes of the value, the lowest first. */
static void tfevents_store(unsigned char *to, uint64_t value, size_t count) {
  for (size_t i = 0; i < count; i++) to[i] = (unsigned char)(value >> 8 * i);
}

static uint64_t tfevents_load(const unsigned char *from, size_t count) {
  uint64_t value = 0;
  for (size_t i = 0; i < count; i++) value |= (uint64_t)from[i] << 8 * i;
  return value;
}

static void tfevents_put(swl_tfevents *events, const void *bytes, size_t count) {
  memcpy(events->bytes + TFEVENTS_HEAD + events->length, bytes, count);
  events->length += count;
}

static void tfevents_put_byte(swl_tfevents *events, unsigned char byte) { tfevents_put(events, &byte, 1); }

static void tfevents_put_varint(swl_tfevents *events, uint64_t value) {
  for (; value >= 0x80; value >>= 7) tfevents_put_byte(events, (unsigned char)(value | 0x80));
  tfevents_put_byte(events, (unsigned char)value);
}

static void tfevents_put_fixed(swl_tfevents *events, uint64_t value, size_t count) {
  unsigned char bytes[8];
  tfevents_store(bytes, value, count);
  tfevents_put(events, bytes, count);
}

static void tfevents_put_bytes(swl_tfevents *events, unsigned char number, const char *bytes, size_t count) {
  tfevents_put_byte(events, TFEVENTS_KEY(number, TFEVENTS_BYTES));
  tfevents_put_varint(events, count);
  tfevents_put(events, bytes, count);
}

static void tfevents_begin(swl_tfevents *events, double wall, int64_t step) {
  uint64_t bits = 0;
  memcpy(&bits, &wall, sizeof bits);
  events->length = 0;
  tfevents_put_byte(events, TFEVENTS_KEY(1, TFEVENTS_FIXED64));
  tfevents_put_fixed(events, bits, 8);
  tfevents_put_byte(events, TFEVENTS_KEY(2, TFEVENTS_VARINT));
  tfevents_put_varint(events, (uint64_t)step);
}

/* The event, framed. */
static swale_status tfevents_end(swl_tfevents *events) {
  unsigned char *event = events->bytes + TFEVENTS_HEAD;
  tfevents_store(events->bytes, events->length, 8);
  tfevents_store(events->bytes + 8, tfevents_mask(tfevents_crc(events->bytes, 8)), 4);
  tfevents_store(event + events->length, tfevents_mask(tfevents_crc(event, events->length)), 4);
  return swl_append_put(&events->to, events->bytes, TFEVENTS_HEAD + events->length + TFEVENTS_TAIL);
}

/* Cut off half a record at the end, whose writer was killed: no reader goes past it. *size: what is left. */
static swale_status tfevents_mend(const swl_tfevents *events, uint64_t *size) {
  unsigned char head[TFEVENTS_HEAD];
  struct stat info;
  if (fstat(events->to.file, &info)) return swl_append_fail(&events->to, "open");
  const uint64_t whole = (uint64_t)info.st_size;
  uint64_t at = 0, next = 0;
  for (; at < whole; at = next) {
    const ssize_t got = pread(events->to.file, head, sizeof head, (off_t)at);
    if (got < 0) return swl_append_fail(&events->to, "read"); /* and not cut: the rest may be whole */
    const uint64_t length = tfevents_load(head, 8);
    if (got != sizeof head || tfevents_load(head + 8, 4) != tfevents_mask(tfevents_crc(head, 8))) break;
    if (length > whole - at || (next = at + TFEVENTS_HEAD + length + TFEVENTS_TAIL) > whole) break;
  }
  *size = at;
  return at < whole && ftruncate(events->to.file, (off_t)at) ? swl_append_fail(&events->to, "cut") : SWALE_OK;
}

/* What every file begins with; and, where one goes on, the mark of a start. */
static swale_status tfevents_head(swl_tfevents *events, double wall, int64_t step) {
  static const char version[] = "brain.Event:2", start[] = {TFEVENTS_KEY(1, TFEVENTS_VARINT), 1};
  uint64_t size = 0;
  SWL_TRY(tfevents_mend(events, &size));
  if (size == 0) {
    tfevents_begin(events, wall, 0);
    tfevents_put_bytes(events, 3, version, sizeof version - 1);
  } else {
    tfevents_begin(events, wall, step + 1);
    tfevents_put_bytes(events, 7, start, sizeof start);
  }
  return tfevents_end(events);
}

swale_status swl_tfevents_open(swale_context *context, const char *path, double wall, int64_t step,
                               swl_tfevents **events) {
  const size_t length = strlen(path);
  swl_tfevents *made = swl_allocate(context, 1, sizeof *made + length + 1);
  if (!made) return SWALE_ERROR_MEMORY;
  char *kept = (char *)(made + 1);
  memcpy(kept, path, length + 1);
  swale_status status = swl_append_open(context, kept, &made->to);
  if (status == SWALE_OK) status = tfevents_head(made, wall, step);
  if (status != SWALE_OK) {
    swl_tfevents_close(made);
    return status;
  }
  *events = made;
  return SWALE_OK;
}

/* TensorBoard makes a section of what stands before the slash. */
static void tfevents_tag(const char *section, const char *name, char tag[TFEVENTS_TAG_MAX]) {
  static const char *const sections[] = {"train", "validation", "test"};
  for (size_t i = 0; !section && i < sizeof sections / sizeof *sections; i++) {
    const size_t length = strlen(sections[i]);
    if (strncmp(name, sections[i], length) != 0 || name[length] != '_') continue;
    section = sections[i];
    name += length + 1;
  }
  snprintf(tag, TFEVENTS_TAG_MAX, "%s/%s", section ? section : "run", name);
}

swale_status swl_tfevents_append(swl_tfevents *events, double wall, int64_t step, const char *section,
                                 const swl_field *fields, size_t count) {
  char tags[TFEVENTS_VALUES][TFEVENTS_TAG_MAX];
  float values[TFEVENTS_VALUES];
  size_t taken = 0, bytes = 0;
  for (size_t i = 0; i < count && taken < TFEVENTS_VALUES; i++) {
    const double value = fields[i].type == SWL_FIELD_REAL ? fields[i].real : (double)fields[i].integer;
    const int number = fields[i].type == SWL_FIELD_REAL || fields[i].type == SWL_FIELD_INTEGER;
    if (!number || !isfinite(value) || strncmp(fields[i].name, "update", 6) == 0) continue;
    tfevents_tag(section, fields[i].name, tags[taken]);
    values[taken++] = (float)value;
  }
  if (taken == 0) return SWALE_OK;
  for (size_t i = 0; i < taken; i++) bytes += strlen(tags[i]) + 9; /* two keys and lengths, key, float */
  tfevents_begin(events, wall, step);
  tfevents_put_byte(events, TFEVENTS_KEY(5, TFEVENTS_BYTES));
  tfevents_put_varint(events, bytes);
  for (size_t i = 0; i < taken; i++) {
    const size_t length = strlen(tags[i]);
    uint32_t bits = 0;
    memcpy(&bits, &values[i], sizeof bits);
    tfevents_put_byte(events, TFEVENTS_KEY(1, TFEVENTS_BYTES));
    tfevents_put_varint(events, length + 7);
    tfevents_put_bytes(events, 1, tags[i], length);
    tfevents_put_byte(events, TFEVENTS_KEY(2, TFEVENTS_FIXED32));
    tfevents_put_fixed(events, bits, 4);
  }
  return tfevents_end(events);
}

void swl_tfevents_close(swl_tfevents *events) {
  if (!events) return;
  swl_append_close(&events->to);
  swl_release(events->to.context, events);
}
