/* page.h - a page of HTML that grows in memory, so that nothing is written before all of it is there. */
#ifndef SWL_REPORT_PAGE_H
#define SWL_REPORT_PAGE_H

#include "base/context.h"

/* `failed` stays once memory was refused: what is put afterwards is dropped, and only the end needs to look. */
typedef struct swl_page {
  swale_context *context;
  char *text;              /* length bytes, not terminated */
  size_t length, capacity; /* bytes */
  int failed;
} swl_page;

void swl_page_free(swl_page *page);

void swl_page_bytes(swl_page *page, const char *bytes, size_t count); /* as they are */
void swl_page_put(swl_page *page, const char *html);                  /* as it is: never a text from a file */
/* At most 1023 bytes; numbers and constants only, never a text from a file. */
void swl_page_print(swl_page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Any text as text of the page or as the value of a quoted attribute: & < > " ' are escaped, a byte that is not UTF-8
 * becomes U+FFFD, and so does a control character that HTML does not have. */
void swl_page_text(swl_page *page, const char *text);

/* Base64 (RFC 4648 §4), for data: addresses. */
void swl_page_base64(swl_page *page, const unsigned char *bytes, size_t count);

enum { SWL_SHORT_MAX = 32 };
/* Four significant digits as people write them: 0.9712, 12345 (all of them below a million), 1.5e-07; "–" for what is not finite. */
const char *swl_short_text(double value, char text[SWL_SHORT_MAX]);
/* 25450 -> "25,450"; "–" for what is not finite. */
const char *swl_count_text(double value, char text[SWL_SHORT_MAX]);

#endif
