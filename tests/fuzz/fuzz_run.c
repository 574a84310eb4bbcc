/* fuzz_run.c - see fuzz_run.h. */
#include "fuzz_run.h"

#include <swale/swale.h>

#include <stdio.h>
#include <string.h>

swale_run *fuzz_run_make(char source[FUZZ_PATH_MAX + 8], char folder[FUZZ_PATH_MAX]) {
  static const char table[] = "a,b,y\n1,2,u\n2,1,v\n3,3,u\n4,1,v\n5,2,v\n2,3,u\n1,1,v\n3,2,u\n4,4,u\n5,5,v\n";
  static const char record[] = "{\"event\":\"evaluation\"}\n";
  char path[FUZZ_PATH_MAX];
  swale_options *options = NULL;
  swale_run *run = NULL;
  fuzz_path("table.csv", path);
  fuzz_path("run", folder);
  snprintf(source, FUZZ_PATH_MAX + 8, "csv:%s", path);
  fuzz_write("table.csv", (const uint8_t *)table, sizeof table - 1);
  const char *const given[][2] = {{"data", source},   {"batch", "0"},    {"out", folder}, {"model", "mlp:2-2-2"},
                                  {"average", "0.9"}, {"patience", "3"}, {"threads", "1"}};
  int able = swale_options_create(fuzz_context(), &options) == SWALE_OK;
  for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
    able = able && swale_options_set(options, given[i][0], given[i][1]) == SWALE_OK;
  }
  able = able && swale_run_create(options, &run) == SWALE_OK;
  fuzz_require(able, "a run can be made");
  fuzz_rewrite("run/log.jsonl", (const uint8_t *)record, sizeof record - 1);
  swale_options_destroy(options);
  return run;
}
