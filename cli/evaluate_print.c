/* evaluate_print.c - how does an evaluation look? Tables of at most 80 columns. */
#include "evaluate_print.h"

#include "messages.h"

#include <math.h>
#include <string.h>

enum { PRINT_NAME_MAX = 280 }; /* bytes of a class name as it is shown */

enum {
  PRINT_NAME = 15,
  PRINT_COLUMN = 38,
  PRINT_DIGITS = 6,
  PRINT_HUGE = 1000000,
  PRINT_LEVEL = 10,
  PRINT_VALUE = 21,
  PRINT_CELL = 10,
  PRINT_LABEL_MAX = 12, /* columns of a class name */
  PRINT_FREQUENT = 12,  /* confusions of a list */
  PRINT_CLASSES = 24,   /* that have a line each */
  PRINT_SHARES = 38     /* columns of the numbers of such a line */
};

static const double print_exact = 0.0; /* the standard error of what is not an estimate */

/* "number ± error": both to the second digit of the error, but at most six digits of the number; "number ± ?" where the
 * error is not known; the number alone where there is none (error <= 0). */
static void print_value(double number, double error, char text[2 * CLI_NUMBER_MAX]) {
  char alone[CLI_NUMBER_MAX];
  if (!isfinite(number) || error <= 0.0 || !isfinite(error)) {
    const char *unknown = isfinite(number) && !(error <= 0.0) ? " ± ?" : "";
    snprintf(text, (size_t)2 * CLI_NUMBER_MAX, "%s%s", cli_number("%.5g", number, alone), unknown);
    return;
  }
  const int places = 1 - (int)floor(log10(error)); /* decimals up to the second digit of the error; may be negative */
  const int power = number != 0.0 ? (int)floor(log10(fabs(number))) : 0;
  const int digits = power + 1 + places; /* of the number, up to there */
  if (places <= PRINT_DIGITS && digits <= PRINT_DIGITS && power < PRINT_DIGITS && error < PRINT_HUGE) {
    const int decimals = places < 0 ? 0 : places;
    snprintf(text, (size_t)2 * CLI_NUMBER_MAX, "%.*f ± %.*f", decimals, number, decimals, error);
  } else {
    const int shown = digits < 1 ? 1 : digits < PRINT_DIGITS ? digits : PRINT_DIGITS;
    snprintf(text, (size_t)2 * CLI_NUMBER_MAX, "%.*g ± %.2g", shown, number, error);
  }
}

/* "name  value  meaning", the meaning wrapped; two blanks before it however long the value is. */
static void print_line(const char *name, const char *value, const char *meaning) {
  const size_t end = PRINT_NAME + cli_columns(value) + 2;
  const size_t column = end > PRINT_COLUMN ? end : PRINT_COLUMN;
  cli_pad(stdout, name, PRINT_NAME);
  cli_pad(stdout, value, column - PRINT_NAME);
  cli_wrap(stdout, meaning, column, PRINT_COLUMN, cli_width(stdout));
  fputc('\n', stdout);
}

static void print_row(const char *name, double number, double error, const char *meaning) {
  char value[2 * CLI_NUMBER_MAX];
  if (error == print_exact) {
    cli_measure(number, value);
  } else {
    print_value(number, error, value);
  }
  print_line(name, value, meaning);
}

/* The text in a field of at least `columns`, two blanks at its end at least. */
static void print_field(const char *text, size_t columns) {
  const size_t taken = cli_columns(text) + 2;
  cli_pad(stdout, text, taken > columns ? taken : columns);
}

static void print_estimate(double number, double error, const char *mark) {
  char value[2 * CLI_NUMBER_MAX + 8];
  print_value(number, error, value);
  strcat(value, mark);
  print_field(value, PRINT_VALUE);
}

/* Words of a heading, as wide as the terminal. */
static void print_heading(const char *text) {
  fputc('\n', stdout);
  cli_wrap(stdout, text, 0, 0, cli_width(stdout));
  fputc('\n', stdout);
}

static void print_accuracy(const swale_evaluation *evaluation) {
  char value[CLI_NUMBER_MAX];
  const double accuracy = swale_evaluation_number(evaluation, SWALE_MEASURE_ACCURACY);
  if (!swale_evaluation_classifies(evaluation)) {
    print_row("R2", accuracy, print_exact, "1 is perfect; 0 is as good as the mean");
    print_row("RMSE", swale_evaluation_number(evaluation, SWALE_MEASURE_RMSE), print_exact,
              "root mean square error, in the units of the target");
    print_row("MAE", swale_evaluation_number(evaluation, SWALE_MEASURE_MAE), print_exact,
              "mean absolute error, likewise");
    return;
  }
  print_line("accuracy", cli_number("%.2f %%", 100.0 * accuracy, value), "examples classified correctly");
  const double balanced = swale_evaluation_number(evaluation, SWALE_MEASURE_BALANCED_ACCURACY);
  print_line("balanced", cli_number("%.2f %%", 100.0 * balanced, value), "mean over the classes of their recall");
  const double auc = swale_evaluation_number(evaluation, SWALE_MEASURE_ROC_AUC);
  if (swale_evaluation_number(evaluation, SWALE_MEASURE_CLASSES) > 2) return;
  print_line("ROC AUC", cli_number("%.4f", auc, value), "1 is perfect, 0.5 chance: order by probability");
}

/* A class name, cut to `columns`: not inside a character. */
static void print_class(const swale_evaluation *evaluation, size_t label, size_t columns, int right) {
  char clean[PRINT_NAME_MAX];
  const char *name = cli_clean(swale_evaluation_class_name(evaluation, label), clean, sizeof clean);
  size_t bytes = 0, taken = 0;
  for (; name[bytes]; bytes++) {
    if (((unsigned char)name[bytes] & 0xc0) != 0x80 && taken++ == columns) break;
  }
  const size_t shown = taken < columns ? taken : columns;
  if (right) printf("%*s", (int)(columns - shown), "");
  fwrite(name, 1, bytes, stdout);
  if (!right) printf("%*s", (int)(columns - shown), "");
}

static void print_shares(double precision, double recall, double f1) {
  char text[3][CLI_NUMBER_MAX];
  printf("%10s %8s %8s", cli_number("%.1f %%", 100 * precision, text[0]), cli_number("%.1f %%", 100 * recall, text[1]),
         cli_number("%.3f", f1, text[2]));
}

/* The class with the next larger F1 than (f1, place), those without one last; classes where there is none. */
static size_t print_weaker(const swale_evaluation *evaluation, size_t classes, double f1, size_t place) {
  size_t best = classes;
  double least = INFINITY;
  for (size_t k = 0; k < classes; k++) {
    const double here = swale_evaluation_class(evaluation, k, SWALE_CLASS_F1);
    if (!(here > f1 || (here == f1 && k > place)) || !(here < least)) continue;
    least = here;
    best = k;
  }
  return best;
}

/* A line per class; of many classes those with the lowest F1. */
static void print_classes(const swale_evaluation *evaluation) {
  const size_t classes = (size_t)swale_evaluation_number(evaluation, SWALE_MEASURE_CLASSES);
  const int some = classes > PRINT_CLASSES;
  const size_t room = cli_width(stdout) - PRINT_SHARES;
  size_t longest = strlen("mean");
  if (classes == 0) return;
  for (size_t k = 0; k < classes; k++) {
    const size_t columns = cli_columns(swale_evaluation_class_name(evaluation, k));
    longest = columns > longest ? columns : longest;
  }
  if (longest > room) longest = room;
  print_heading(some ? "Classes with the lowest F1 (all of them: --json)" : "Each class, and their mean");
  printf("%*s%10s %8s %8s %9s\n", (int)longest, "", "precision", "recall", "F1", "examples");
  size_t at = classes;
  double f1 = -1;
  for (size_t line = 0; line < (some ? (size_t)PRINT_FREQUENT : classes); line++) {
    at = some ? print_weaker(evaluation, classes, f1, at) : line;
    if (at == classes) break;
    f1 = swale_evaluation_class(evaluation, at, SWALE_CLASS_F1);
    print_class(evaluation, at, longest, 0);
    print_shares(swale_evaluation_class(evaluation, at, SWALE_CLASS_PRECISION),
                 swale_evaluation_class(evaluation, at, SWALE_CLASS_RECALL), f1);
    printf(" %9.0f\n", swale_evaluation_class(evaluation, at, SWALE_CLASS_SUPPORT));
  }
  printf("%-*s", (int)longest, "mean");
  print_shares(swale_evaluation_number(evaluation, SWALE_MEASURE_PRECISION),
               swale_evaluation_number(evaluation, SWALE_MEASURE_RECALL),
               swale_evaluation_number(evaluation, SWALE_MEASURE_F1));
  printf(" %9.0f\n", swale_evaluation_number(evaluation, SWALE_MEASURE_EXAMPLES));
}

/* Columns of the longest class name, and of the largest count with a blank before it. */
static void print_widths(const swale_evaluation *evaluation, size_t classes, size_t *label, size_t *count) {
  size_t most = 0, longest = 1;
  char digits[32];
  for (size_t i = 0; i < classes; i++) {
    const size_t columns = cli_columns(swale_evaluation_class_name(evaluation, i));
    if (columns > longest) longest = columns;
    for (size_t k = 0; k < classes; k++) {
      const size_t here = swale_evaluation_confusion(evaluation, i, k);
      if (here > most) most = here;
    }
  }
  *label = longest < PRINT_LABEL_MAX ? longest : PRINT_LABEL_MAX;
  *count = 1 + (size_t)snprintf(digits, sizeof digits, "%zu", most);
}

static void print_matrix(const swale_evaluation *evaluation, size_t classes, size_t label, size_t count) {
  const size_t cell = label + 1 > count ? label + 1 : count;
  print_heading("Confusion: a row per class, a column per answer");
  printf("%*s", (int)label + 1, "");
  for (size_t k = 0; k < classes; k++) {
    fputc(' ', stdout);
    print_class(evaluation, k, cell - 1, 1);
  }
  printf("   right\n");
  for (size_t i = 0; i < classes; i++) {
    size_t all = 0;
    print_class(evaluation, i, label + 1, 0);
    for (size_t k = 0; k < classes; k++) {
      const size_t here = swale_evaluation_confusion(evaluation, i, k);
      all += here;
      if (here == 0)
        printf("%*s", (int)cell, ".");
      else
        printf("%*zu", (int)cell, here);
    }
    const double right = (double)swale_evaluation_confusion(evaluation, i, i);
    char share[CLI_NUMBER_MAX];
    printf("  %8s\n", cli_number("%.1f %%", all ? 100 * right / (double)all : (double)NAN, share));
  }
}

/* Next in the order of counts, then of labels, then of answers: the first one after (count, place), or count 0. */
static size_t print_next(const swale_evaluation *evaluation, size_t classes, size_t count, size_t after,
                         size_t *place) {
  size_t best = 0;
  for (size_t at = 0; at < classes * classes; at++) {
    const size_t here = swale_evaluation_confusion(evaluation, at / classes, at % classes);
    if (at / classes == at % classes || here > count || (here == count && at <= after) || here <= best) continue;
    best = here;
    *place = at;
  }
  return best;
}

static void print_frequent(const swale_evaluation *evaluation, size_t classes) {
  size_t count = (size_t)-1, place = 0;
  char line[256]; /* names have at most 63 bytes */
  print_heading("The most frequent confusions (all of them: --json)");
  for (int i = 0; i < PRINT_FREQUENT; i++) {
    count = print_next(evaluation, classes, count, place, &place);
    if (count == 0) {
      if (i == 0) printf("none\n");
      return;
    }
    snprintf(line, sizeof line, "%s, taken for %s", swale_evaluation_class_name(evaluation, place / classes),
             swale_evaluation_class_name(evaluation, place % classes));
    printf("%8zu  ", count);
    cli_wrap(stdout, line, 10, 10, cli_width(stdout));
    fputc('\n', stdout);
  }
}

static void print_confusion(const swale_evaluation *evaluation) {
  const size_t classes = (size_t)swale_evaluation_number(evaluation, SWALE_MEASURE_CLASSES);
  size_t label = 0, count = 0;
  if (classes == 0) return;
  print_widths(evaluation, classes, &label, &count);
  const size_t cell = label + 1 > count ? label + 1 : count;
  if (label + 1 + classes * cell + 10 <= cli_width(stdout))
    print_matrix(evaluation, classes, label, count);
  else
    print_frequent(evaluation, classes);
}

/* What the table of taus leaves to be said. */
static void print_remarks(const swale_evaluation *evaluation) {
  const size_t rows = swale_evaluation_rows(evaluation, SWALE_SECTION_TAU);
  size_t holds = 0, fails = 0, tempered = 0;
  char line[256];
  for (size_t row = 0; row < rows; row++) {
    const double sandwich = swale_evaluation_cell(evaluation, SWALE_SECTION_TAU, row, SWALE_COLUMN_SANDWICH);
    holds += sandwich == 1;
    fails += sandwich == 0;
    tempered += swale_evaluation_cell(evaluation, SWALE_SECTION_TAU, row, SWALE_COLUMN_TEMPERED) == 1;
  }
  if (tempered > 0) {
    snprintf(
        line, sizeof line,
        "* by the tempered sampler, %.0f particles: the importance weights have too few effective draws (ESS); the "
        "others by importance weights",
        swale_evaluation_number(evaluation, SWALE_MEASURE_TEMPERED_SAMPLES));
    cli_wrap(stdout, line, 0, 0, cli_width(stdout));
    fputc('\n', stdout);
  }
  snprintf(line, sizeof line,
           "per example <= local entropy <= heat within 3 standard errors: holds at %zu of %zu tau%s%s", holds, rows,
           fails ? ", FAILS elsewhere" : "", holds + fails < rows ? ", unknown where an error is" : "");
  cli_wrap(stdout, line, 0, 0, cli_width(stdout));
  fputc('\n', stdout);
  for (size_t row = 0; row < rows; row++) {
    const char *note = swale_evaluation_note(evaluation, row);
    char text[512], few[CLI_NUMBER_MAX];
    if (!*note) continue;
    snprintf(text, sizeof text,
             "tau %.3g: too few effective draws (ESS %s), and %s; use a smaller --beta, --tau or --examples, or more "
             "--samples",
             swale_evaluation_cell(evaluation, SWALE_SECTION_TAU, row, SWALE_COLUMN_LEVEL),
             cli_number("%.3g", swale_evaluation_cell(evaluation, SWALE_SECTION_TAU, row, SWALE_COLUMN_ESS), few),
             note);
    cli_wrap(stdout, text, 0, 0, cli_width(stdout));
    fputc('\n', stdout);
  }
}

static void print_smoothed(const swale_evaluation *evaluation, const char *split) {
  const swale_section section = SWALE_SECTION_TAU;
  char line[512], number[CLI_NUMBER_MAX];
  const double tau = swale_evaluation_number(evaluation, SWALE_MEASURE_TAU);
  const double loss = swale_evaluation_number(evaluation, SWALE_MEASURE_SUBSET_LOSS);
  const double heat = swale_evaluation_number(evaluation, SWALE_MEASURE_HEAT);
  snprintf(line, sizeof line,
           "Around x: %.0f draws of N(x, tau I) for each tau, over %s %sexamples (loss %.5g), beta %g",
           swale_evaluation_number(evaluation, SWALE_MEASURE_SAMPLES),
           cli_count(swale_evaluation_number(evaluation, SWALE_MEASURE_SUBSET), number), split, loss,
           swale_evaluation_number(evaluation, SWALE_MEASURE_BETA));
  print_heading(line);
  print_field("tau", PRINT_LEVEL);
  print_field("per example", PRINT_VALUE);
  print_field("local entropy", PRINT_VALUE);
  print_field("heat", PRINT_VALUE);
  printf("ESS\n");
  for (size_t row = 0; row < swale_evaluation_rows(evaluation, section); row++) {
    double cell[SWALE_COLUMN_WORST + 1];
    for (int k = 0; k <= SWALE_COLUMN_WORST; k++) {
      cell[k] = swale_evaluation_cell(evaluation, section, row, (swale_column)k);
    }
    print_field(cli_number("%.3g", cell[SWALE_COLUMN_LEVEL], number), PRINT_LEVEL);
    print_estimate(cell[SWALE_COLUMN_PER_EXAMPLE], cell[SWALE_COLUMN_PER_EXAMPLE_SE], "");
    print_estimate(cell[SWALE_COLUMN_LOCAL_ENTROPY], cell[SWALE_COLUMN_LOCAL_ENTROPY_SE],
                   cell[SWALE_COLUMN_TEMPERED] == 1 ? " *" : "");
    print_estimate(cell[SWALE_COLUMN_HEAT], cell[SWALE_COLUMN_HEAT_SE], "");
    printf("%s\n", cli_number("%.3g", cell[SWALE_COLUMN_ESS], number));
  }
  print_remarks(evaluation);
  print_row("curvature", 2 * (heat - loss) / tau, 2 * swale_evaluation_number(evaluation, SWALE_MEASURE_HEAT_SE) / tau,
            "2 (heat - loss) / tau at the first tau: about the trace of the Hessian; small in a wide valley");
}

/* "98.35 ± 0.12 %", or R². */
static void print_score(const swale_evaluation *evaluation, double score, double error) {
  char value[2 * CLI_NUMBER_MAX + 8];
  if (!swale_evaluation_classifies(evaluation)) {
    print_estimate(score, error, "");
    return;
  }
  if (error > 0)
    snprintf(value, sizeof value, "%.2f ± %.2f %%", 100 * score, 100 * error);
  else
    snprintf(value, sizeof value, "%.2f %%", 100 * score);
  print_field(value, PRINT_VALUE);
}

static void print_section(const swale_evaluation *evaluation, swale_section section, const char *level) {
  char number[CLI_NUMBER_MAX], value[2 * CLI_NUMBER_MAX];
  if (swale_evaluation_rows(evaluation, section) == 0) return;
  print_field(level, PRINT_VALUE);
  print_field(swale_evaluation_classifies(evaluation) ? "accuracy" : "R2", PRINT_VALUE);
  printf("loss\n");
  for (size_t row = 0; row < swale_evaluation_rows(evaluation, section); row++) {
    const int exact = section == SWALE_SECTION_BITS;
    print_field(cli_number("%.3g", swale_evaluation_cell(evaluation, section, row, SWALE_COLUMN_LEVEL), number),
                PRINT_VALUE);
    print_score(evaluation, swale_evaluation_cell(evaluation, section, row, SWALE_COLUMN_ACCURACY),
                exact ? 0 : swale_evaluation_cell(evaluation, section, row, SWALE_COLUMN_ACCURACY_SE));
    print_value(swale_evaluation_cell(evaluation, section, row, SWALE_COLUMN_LOSS),
                exact ? 0 : swale_evaluation_cell(evaluation, section, row, SWALE_COLUMN_LOSS_SE), value);
    printf("%s\n", value);
  }
}

static void print_robustness(const swale_evaluation *evaluation, const char *split) {
  char line[256];
  const swale_section noises[] = {SWALE_SECTION_NOISE, SWALE_SECTION_RELATIVE};
  double draws = 0;
  for (int i = 0; i < 2; i++) {
    if (swale_evaluation_rows(evaluation, noises[i])) {
      draws = swale_evaluation_cell(evaluation, noises[i], 0, SWALE_COLUMN_DRAWS);
    }
  }
  if (draws > 0) {
    snprintf(line, sizeof line, "With noise on all parameters, over all %sexamples; mean of %.0f draws", split, draws);
    print_heading(line);
    print_section(evaluation, SWALE_SECTION_NOISE, "N(0, tau I), tau");
    print_section(evaluation, SWALE_SECTION_RELATIVE, "w (1 + r xi), r");
  }
  if (swale_evaluation_rows(evaluation, SWALE_SECTION_BITS) == 0) return;
  print_heading("With weights rounded to k bits: multiples of the layer's max |w| / (2^(k-1) - 1), biases as they are");
  print_section(evaluation, SWALE_SECTION_BITS, "k");
}

static void print_profile(const swale_evaluation *evaluation, const char *split) {
  static const struct {
    const char *name;
    swale_column column;
  } columns[] = {{"mean", SWALE_COLUMN_LOSS},     {"lowest", SWALE_COLUMN_LOWEST}, {"10 %", SWALE_COLUMN_LOW},
                 {"median", SWALE_COLUMN_MEDIAN}, {"90 %", SWALE_COLUMN_HIGH},     {"highest", SWALE_COLUMN_HIGHEST},
                 {"worst", SWALE_COLUMN_WORST}};
  enum { COLUMNS = sizeof columns / sizeof *columns };
  char line[512], number[CLI_NUMBER_MAX], few[CLI_NUMBER_MAX];
  snprintf(line, sizeof line,
           "Loss along %.0f random directions at distance t sqrt(tau dim) = t %.3g (tau %.3g), over %s %sexamples: "
           "mean and quantiles, and along the direction that is worst at t = 1 (at t = 0 %.5g)",
           swale_evaluation_number(evaluation, SWALE_MEASURE_DIRECTIONS),
           sqrt(swale_evaluation_number(evaluation, SWALE_MEASURE_PROFILE_TAU) *
                swale_evaluation_number(evaluation, SWALE_MEASURE_DIM)),
           swale_evaluation_number(evaluation, SWALE_MEASURE_PROFILE_TAU),
           cli_count(swale_evaluation_number(evaluation, SWALE_MEASURE_SUBSET), few), split,
           swale_evaluation_number(evaluation, SWALE_MEASURE_SUBSET_LOSS));
  print_heading(line);
  print_field("t", PRINT_LEVEL - 2);
  for (int k = 0; k < COLUMNS; k++) {
    if (k + 1 < COLUMNS)
      print_field(columns[k].name, PRINT_CELL);
    else
      printf("%s\n", columns[k].name);
  }
  for (size_t row = 0; row < swale_evaluation_rows(evaluation, SWALE_SECTION_PROFILE); row++) {
    const double t = swale_evaluation_cell(evaluation, SWALE_SECTION_PROFILE, row, SWALE_COLUMN_LEVEL);
    print_field(cli_number("%+g", t, number), PRINT_LEVEL - 2);
    for (int k = 0; k < COLUMNS; k++) {
      const double loss = swale_evaluation_cell(evaluation, SWALE_SECTION_PROFILE, row, columns[k].column);
      cli_number("%.4g", loss, number);
      if (k + 1 < COLUMNS)
        print_field(number, PRINT_CELL);
      else
        printf("%s\n", number);
    }
  }
}

void cli_evaluate_print(const swale_evaluation *evaluation, const char *model) {
  const char *measured = swale_evaluation_split(evaluation);
  const int all = strcmp(measured, "all") == 0;
  char split[32]; /* "test ", … */
  snprintf(split, sizeof split, "%s%s", all ? "" : measured, all ? "" : " ");
  char dim[CLI_NUMBER_MAX], examples[CLI_NUMBER_MAX];
  cli_put(stdout, model);
  printf(": %s, %s parameters (root mean square %.3g)\n", swale_evaluation_model(evaluation),
         cli_count(swale_evaluation_number(evaluation, SWALE_MEASURE_DIM), dim),
         swale_evaluation_number(evaluation, SWALE_MEASURE_ROOT_MEAN_SQUARE));
  cli_put(stdout, swale_evaluation_data(evaluation));
  printf(": %s %sexamples%s\n\n", cli_count(swale_evaluation_number(evaluation, SWALE_MEASURE_EXAMPLES), examples),
         split, all ? ", all rows" : "");
  print_row("loss", swale_evaluation_number(evaluation, SWALE_MEASURE_LOSS), print_exact,
            "mean over the examples, at x");
  print_accuracy(evaluation);
  print_classes(evaluation);
  print_confusion(evaluation);
  print_smoothed(evaluation, split);
  print_robustness(evaluation, split);
  print_profile(evaluation, split);
}
