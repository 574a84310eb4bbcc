/* command_list.c - swale list: the variants of the registry, for people and for programs. */
#include "arguments.h"

#include <string.h>

enum { LIST_KINDS_MAX = 16 };

static const char *list_about(const char *kind) {
  static const cli_pair about[] = {{"regularizer", "how losses become weights"},
                                   {"sampler", "how points of the tilted density are drawn"},
                                   {"noise", "where the Gaussian lives"},
                                   {"optimizer", "what step is made of the direction"}};
  for (size_t i = 0; i < sizeof about / sizeof *about; i++) {
    if (strcmp(about[i].left, kind) == 0) return about[i].right;
  }
  return "";
}

static void list_kind(const char *kind) {
  const swale_variant *variant;
  const size_t width = cli_width(stdout);
  size_t column = 0;
  for (size_t i = 0; (variant = swale_variant_at(kind, i)) != NULL; i++) {
    const size_t columns = cli_columns(swale_variant_name(variant)) + 4;
    if (columns > column) column = columns;
  }
  printf("%s%s%s: %s (--%s=NAME)\n", cli_bold(stdout), kind, cli_plain(stdout), list_about(kind), kind);
  for (size_t i = 0; (variant = swale_variant_at(kind, i)) != NULL; i++) {
    fputs("  ", stdout);
    cli_pad(stdout, swale_variant_name(variant), column - 2);
    cli_wrap(stdout, swale_variant_brief(variant), column, column, width);
    printf("\n%*s", (int)column, "");
    cli_wrap(stdout, swale_variant_source(variant), column, column, width);
    fputc('\n', stdout);
  }
}

static void list_json_kind(const char *kind, int *first) {
  const swale_variant *variant;
  for (size_t i = 0; (variant = swale_variant_at(kind, i)) != NULL; i++) {
    const cli_pair fields[] = {{"kind", kind},
                               {"name", swale_variant_name(variant)},
                               {"brief", swale_variant_brief(variant)},
                               {"source", swale_variant_source(variant)}};
    fputs(*first ? "[{" : ",\n {", stdout);
    cli_json_fields(stdout, fields, sizeof fields / sizeof *fields);
    fputc('}', stdout);
    *first = 0;
  }
}

int cli_list(const cli_arguments *arguments) {
  const char *wanted = arguments->positional[0], *kind, *kinds[LIST_KINDS_MAX + 1] = {NULL};
  const int json = cli_arguments_flag(arguments, "--json");
  int first = 1;
  size_t found = 0;
  for (size_t i = 0; i < LIST_KINDS_MAX && (kind = swale_kind_at(i)) != NULL; i++) {
    kinds[i] = kind;
    if (wanted && strcmp(wanted, kind) != 0) continue;
    if (!json && found > 0) fputc('\n', stdout);
    found++;
    if (json) {
      list_json_kind(kind, &first);
    } else {
      list_kind(kind);
    }
  }
  if (json && !first) fputs("]\n", stdout);
  if (found > 0) return CLI_DONE;
  const char *near = swale_nearest(wanted, kinds);
  cli_error("there is no kind '%.64s'%s%s%s", wanted, near ? "; did you mean '" : "", near ? near : "",
            near ? "'?" : "");
  cli_hint_help(arguments->command);
  return CLI_USAGE;
}
