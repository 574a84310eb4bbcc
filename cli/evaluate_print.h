/* evaluate_print.h - an evaluation as tables for people, on stdout. */
#ifndef CLI_EVALUATE_PRINT_H
#define CLI_EVALUATE_PRINT_H

#include <swale/swale.h>

/* model: the path of the file. */
void cli_evaluate_print(const swale_evaluation *evaluation, const char *model);

#endif
