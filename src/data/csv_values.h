/* csv_values.h - what a field of a table says: a number, nothing, or a text. */
#ifndef SWL_DATA_CSV_VALUES_H
#define SWL_DATA_CSV_VALUES_H

/* 1 if the field says that its value is missing: empty, NA, N/A, NaN, null or ? */
int swl_csv_is_missing(const char *text);

/* A decimal number within ±1e100; comma = 1: "3,14" is one too. NULL and *number, or the reason why it is none, which
 * completes "'1e999' …". `text` is put back as it was. */
const char *swl_csv_number(char *text, int comma, double *number);

/* 1 if both are the same text, or the same number. */
int swl_csv_same(const char *a, const char *b);

#endif
