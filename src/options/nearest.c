/* nearest.c - which known name did the person mean?
 *
 * source: Damerau-Levenshtein distance, optimal string alignment form (each letter is edited at most once): insertions,
 * deletions, replacements and swaps of neighbors cost 1. Hyphen and underscore are the same letter, case is ignored.
 * A name is near if the distance is at most a third of the longer word (at least 1), or else if the word is the
 * beginning of that name alone. heuristic: a third accepts one slip in a short word and three in a long one, and
 * leaves unrelated words without a suggestion.
 * Cost: |word| × |name| per name, less where it is soon clear that the name is not near; no memory.
 */
#include "options/options_parts.h"

#include <string.h>

enum { NEAREST_WORD_MAX = 64, NEAREST_PREFIX_MIN = 3 }; /* longer words are near nothing */

static char nearest_letter(char letter) {
  if (letter >= 'A' && letter <= 'Z') return (char)(letter - 'A' + 'a');
  return letter == '_' ? '-' : letter;
}

static int nearest_equal(char a, char b) { return nearest_letter(a) == nearest_letter(b); }

static size_t nearest_min(size_t a, size_t b) { return a < b ? a : b; }

/* a (n letters), b (m letters), both at most NEAREST_WORD_MAX. Three rows of the usual table are kept. A row depends on
 * the two before it, so once all of these is above `limit`, so is the distance: SIZE_MAX then. */
static size_t nearest_distance(const char *a, size_t n, const char *b, size_t m, size_t limit) {
  size_t rows[3][NEAREST_WORD_MAX + 1];
  size_t *before = rows[0], *above = rows[1], *here = rows[2];
  size_t least_above = 0;
  if ((n > m ? n - m : m - n) > limit) return SIZE_MAX;
  for (size_t j = 0; j <= m; j++) above[j] = j;
  for (size_t i = 1; i <= n; i++) {
    size_t least = here[0] = i;
    for (size_t j = 1; j <= m; j++) {
      const size_t replace = above[j - 1] + !nearest_equal(a[i - 1], b[j - 1]);
      here[j] = nearest_min(replace, nearest_min(above[j], here[j - 1]) + 1);
      const int swapped = i > 1 && j > 1 && nearest_equal(a[i - 1], b[j - 2]) && nearest_equal(a[i - 2], b[j - 1]);
      if (swapped) here[j] = nearest_min(here[j], before[j - 2] + 1);
      least = nearest_min(least, here[j]);
    }
    if (least > limit && least_above > limit) return SIZE_MAX;
    least_above = least;
    size_t *oldest = before;
    before = above;
    above = here;
    here = oldest;
  }
  return above[m];
}

/* The letters of the word, as bits. An edit makes one letter vanish at most, and one appear. */
static uint32_t nearest_letters(const char *word, size_t n) {
  uint32_t letters = 0;
  for (size_t i = 0; i < n; i++) letters |= 1u << ((unsigned char)nearest_letter(word[i]) % 32);
  return letters;
}

static int nearest_differ(uint32_t letters, uint32_t others, size_t limit) {
  return (size_t)__builtin_popcount(letters & ~others) > limit || (size_t)__builtin_popcount(others & ~letters) > limit;
}

static int nearest_begins(const char *word, size_t n, const char *name, size_t m) {
  if (n < NEAREST_PREFIX_MIN || n >= m) return 0;
  for (size_t i = 0; i < n; i++) {
    if (!nearest_equal(word[i], name[i])) return 0;
  }
  return 1;
}

const char *swale_nearest(const char *word, const char *const *names) {
  const size_t n = strlen(word);
  const uint32_t letters = nearest_letters(word, n);
  const char *best = NULL, *longer = NULL;
  size_t best_distance = SIZE_MAX, beginnings = 0;
  if (n == 0 || n > NEAREST_WORD_MAX) return NULL;
  for (; *names; names++) {
    const size_t m = strlen(*names);
    if (m == 0 || m > NEAREST_WORD_MAX) continue;
    const size_t third = (n > m ? n : m) / 3, limit = third ? third : 1;
    const int apart = nearest_differ(letters, nearest_letters(*names, m), limit);
    const size_t distance = apart ? SIZE_MAX : nearest_distance(word, n, *names, m, limit);
    if (distance <= limit && distance < best_distance && distance < m) {
      best_distance = distance;
      best = *names;
    }
    if (nearest_begins(word, n, *names, m)) {
      longer = *names;
      beginnings++;
    }
  }
  return best ? best : beginnings == 1 ? longer : NULL;
}
