/* locale.c - see locale.h. */
#include "base/locale.h"

#include <pthread.h>

static pthread_once_t locale_once = PTHREAD_ONCE_INIT;
static locale_t locale_plain; /* "C", made once and kept; (locale_t)0 if it cannot be made */

static void locale_make(void) { locale_plain = newlocale(LC_ALL_MASK, "C", (locale_t)0); }

locale_t swl_locale_enter(void) {
  pthread_once(&locale_once, locale_make);
  return locale_plain ? uselocale(locale_plain) : (locale_t)0;
}

void swl_locale_leave(locale_t before) {
  if (before) uselocale(before);
}
