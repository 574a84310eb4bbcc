/* predict_print.h - predictions as a table or as JSON lines. */
#ifndef CLI_PREDICT_PRINT_H
#define CLI_PREDICT_PRINT_H

#include <swale/swale.h>

#include <stdio.h>

/* All rows, one line each: CSV with a header line, or JSON objects. Ends early once the stream takes no more. */
swale_status cli_predict_print(const swale_model *model, swale_rows *rows, int json, FILE *stream);

#endif
