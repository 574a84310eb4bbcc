/* bench.c - the command line, the clock and the rows of the benchmark programs. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int bench_runs = 1;
static int bench_json;
static const char *bench_only = "";
static const char *bench_program = "bench";

void bench_begin(int count, char **words, int runs) {
  const char *slash = strrchr(words[0], '/');
  bench_program = slash ? slash + 1 : words[0];
  bench_runs = runs;
  for (int i = 1; i < count; i++) {
    if (strcmp(words[i], "--json") == 0) {
      bench_json = 1;
    } else if (strcmp(words[i], "--quick") == 0) {
      bench_runs = 1;
    } else if (strncmp(words[i], "--only=", 7) == 0) {
      bench_only = words[i] + 7;
    } else {
      fprintf(stderr, "usage: %s [--json] [--quick] [--only=TEXT]\n", bench_program);
      exit(2);
    }
  }
  if (!bench_json) printf("| what | median of %d | spread |\n| --- | --- | ---: |\n", bench_runs);
}

int bench_wants(const char *what) { return strstr(what, bench_only) != NULL; }

double bench_clock(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int bench_order(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

void bench_row(const char *what, double *values, const char *unit) {
  qsort(values, (size_t)bench_runs, sizeof *values, bench_order);
  const double least = values[0], most = values[bench_runs - 1];
  const double median = values[bench_runs / 2], spread = (most - least) / median;
  char wide[32];
  if (!bench_wants(what)) return;
  snprintf(wide, sizeof wide, bench_json ? "%.3g" : "%.0f %%", bench_json ? spread : 100 * spread);
  if (bench_runs == 1) strcpy(wide, bench_json ? "null" : "");
  if (bench_json)
    printf("{\"what\": \"%s\", \"median\": %.6g, \"spread\": %s, \"least\": %.6g, \"most\": %.6g, \"unit\": \"%s\"}\n",
           what, median, wide, least, most, unit);
  else
    printf("| %s | %.4g %s | %s |\n", what, median, unit, wide);
  fflush(stdout);
}

void bench_set(swale_context *context, swale_options *options, const char *words) {
  char copy[512], *rest = NULL;
  snprintf(copy, sizeof copy, "%s", words);
  for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
    char *value = strchr(word, '=');
    *value = '\0';
    bench_check(context, swale_options_set(options, word, value + 1));
  }
}

void bench_check(swale_context *context, swale_status status) {
  if (status == SWALE_OK) return;
  fprintf(stderr, "%s: %s\n", bench_program, swale_context_message(context));
  exit(1);
}
