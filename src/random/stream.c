/* stream.c - Philox4x32-10 one counter at a time: the reference that the vector form must reproduce, and the rare uses
 * (uniforms, permutations) that do not need speed. */
#include "random/stream.h"

#include "random/philox.h"

swl_stream swl_stream_make(swl_key key, swl_purpose purpose, uint64_t update, uint64_t draw, uint32_t group) {
  return (swl_stream){
      .key = {(uint32_t)key.seed, (uint32_t)(key.seed >> 32)},
      .draw = (uint32_t)draw,
      .update = (uint32_t)update,
      .place = (uint32_t)purpose << 24 | (group & (SWL_GROUP_LIMIT - 1)),
      .generator = key.generator,
  };
}

void swl_philox4x32(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]) {
  uint32_t c[4] = {counter[0], counter[1], counter[2], counter[3]};
  uint32_t k[2] = {key[0], key[1]};
  for (int round = 0; round < PHILOX_ROUNDS; round++) {
    const uint64_t p0 = (uint64_t)PHILOX_M0 * c[0], p1 = (uint64_t)PHILOX_M1 * c[2];
    const uint32_t next[4] = {(uint32_t)(p1 >> 32) ^ c[1] ^ k[0], (uint32_t)p1, (uint32_t)(p0 >> 32) ^ c[3] ^ k[1],
                              (uint32_t)p0};
    for (int i = 0; i < 4; i++) c[i] = next[i];
    k[0] += PHILOX_W0;
    k[1] += PHILOX_W1;
  }
  for (int i = 0; i < 4; i++) out[i] = c[i];
}

/* 64 bits, number `index` of the stream: half of what a counter gives. */
static uint64_t stream_bits(const swl_stream *stream, uint64_t index) {
  const uint32_t counter[4] = {(uint32_t)(index / 2), stream->draw, stream->update, stream->place};
  uint32_t word[4];
  swl_philox4x32(counter, stream->key, word);
  const uint32_t *half = word + 2 * (index % 2);
  return (uint64_t)half[1] << 32 | half[0];
}

double swl_uniform(const swl_stream *stream, uint64_t index) {
  return (double)(stream_bits(stream, index) >> 11) * 0x1p-53;
}

uint32_t swl_uniform_below(const swl_stream *stream, uint64_t index, uint32_t n) {
  const uint64_t bits = stream_bits(stream, index); /* (bits · n) >> 64, by halves */
  return (uint32_t)(((bits >> 32) * n + (((bits & UINT32_MAX) * n) >> 32)) >> 32);
}

void swl_permutation(const swl_stream *stream, uint32_t n, uint32_t *a) {
  for (uint32_t i = 0; i < n; i++) a[i] = i;
  for (uint32_t left = n; left > 1; left--) {
    const uint32_t pick = swl_uniform_below(stream, left, left);
    const uint32_t last = a[left - 1];
    a[left - 1] = a[pick];
    a[pick] = last;
  }
}
