/* locale.h - the "C" locale for as long as numbers are read or written.
 *
 * strtod and printf use a decimal comma if the host program has called setlocale. uselocale changes the calling thread
 * only, and is put back: POSIX, and no effect on the host.
 */
#ifndef SWL_BASE_LOCALE_H
#define SWL_BASE_LOCALE_H

#include <locale.h>

/* Returns what swl_locale_leave must be given. If the "C" locale cannot be made, nothing is switched. */
locale_t swl_locale_enter(void);
void swl_locale_leave(locale_t before);

#endif
