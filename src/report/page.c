/* page.c - see page.h. source: HTML living standard §13.1.2.3 (attribute values), §13.2.3.5 (control characters). */
#include "report/page.h"

#include "files/json_text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { PAGE_FIRST = 1 << 16, PAGE_PRINT_MAX = 1024 };

static int page_grow(swl_page *page, size_t needed) {
  size_t capacity = page->capacity ? page->capacity : PAGE_FIRST;
  while (capacity < needed) capacity *= 2;
  char *text = swl_allocate(page->context, capacity, 1);
  if (!text) return 0;
  if (page->length) memcpy(text, page->text, page->length);
  if (page->text) swl_release(page->context, page->text);
  page->text = text;
  page->capacity = capacity;
  return 1;
}

void swl_page_free(swl_page *page) {
  if (page->text) swl_release(page->context, page->text);
  page->text = NULL;
}

void swl_page_bytes(swl_page *page, const char *bytes, size_t count) {
  if (page->failed || count == 0) return;
  if (page->capacity - page->length < count && !page_grow(page, page->length + count)) {
    page->failed = 1;
    return;
  }
  memcpy(page->text + page->length, bytes, count);
  page->length += count;
}

void swl_page_put(swl_page *page, const char *html) { swl_page_bytes(page, html, strlen(html)); }

void swl_page_print(swl_page *page, const char *format, ...) {
  char text[PAGE_PRINT_MAX];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  swl_page_put(page, text);
}

/* The entity of a character that HTML takes for its own, or NULL. */
static const char *page_entity(char character) {
  switch (character) {
  case '&': return "&amp;";
  case '<': return "&lt;";
  case '>': return "&gt;";
  case '"': return "&quot;";
  case '\'': return "&#39;";
  default: return NULL;
  }
}

void swl_page_text(swl_page *page, const char *text) {
  while (*text) {
    const char *entity = page_entity(*text);
    const unsigned char byte = (unsigned char)*text;
    const int control = (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7f;
    const size_t length = swl_utf8_length(text);
    if (entity) {
      swl_page_put(page, entity);
    } else if (length == 0 || control) {
      swl_page_put(page, "\xef\xbf\xbd");
    } else {
      swl_page_bytes(page, text, length);
    }
    text += length ? length : 1;
  }
}

void swl_page_base64(swl_page *page, const unsigned char *bytes, size_t count) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (size_t i = 0; i < count; i += 3) {
    const unsigned second = i + 1 < count ? bytes[i + 1] : 0, third = i + 2 < count ? bytes[i + 2] : 0;
    const unsigned word = (unsigned)bytes[i] << 16 | second << 8 | third;
    const char four[4] = {digits[word >> 18], digits[word >> 12 & 63], i + 1 < count ? digits[word >> 6 & 63] : '=',
                          i + 2 < count ? digits[word & 63] : '='};
    swl_page_bytes(page, four, sizeof four);
  }
}

/* A whole number, its digits in groups of three. */
static void page_groups(double value, char text[SWL_SHORT_MAX]) {
  char plain[SWL_SHORT_MAX];
  const size_t length = (size_t)snprintf(plain, sizeof plain, "%.0f", value);
  size_t to = 0;
  for (size_t i = 0; i < length; i++) {
    if (i > 0 && (length - i) % 3 == 0 && plain[i - 1] != '-') text[to++] = ',';
    text[to++] = plain[i];
  }
  text[to] = '\0';
}

const char *swl_short_text(double value, char text[SWL_SHORT_MAX]) {
  const double size = fabs(value);
  if (!isfinite(value)) return "–";
  if (size >= 9999.5 && size < 1e8) {
    page_groups(value, text);
  } else {
    snprintf(text, SWL_SHORT_MAX, "%.4g", value);
  }
  return text;
}

const char *swl_count_text(double value, char text[SWL_SHORT_MAX]) {
  if (!isfinite(value)) return "–";
  if (value < 0 || value >= 1e15) return swl_short_text(value, text);
  page_groups(value, text);
  return text;
}
