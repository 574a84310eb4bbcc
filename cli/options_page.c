/* options_page.c - swale options: the reference of every option, for people, for docs/options.md and for programs. */
#include "arguments.h"

#include <string.h>

enum { OPTIONS_MAX = 256, OPTIONS_INDENT = 6, OPTIONS_COLUMN = 14 };

/* Groups in the order of their first option; calls `begin` for a group and `each` for its options. */
static void options_by_group(void (*begin)(const char *group, int first), void (*each)(const swale_option_info *info)) {
  unsigned char seen[OPTIONS_MAX] = {0};
  const swale_option_info *info, *other;
  int first = 1;
  for (size_t i = 0; i < OPTIONS_MAX && (info = swale_option_at(i)) != NULL; i++) {
    if (seen[i]) continue;
    begin(swale_option_group(info), first);
    first = 0;
    for (size_t j = i; j < OPTIONS_MAX && (other = swale_option_at(j)) != NULL; j++) {
      if (strcmp(swale_option_group(other), swale_option_group(info)) != 0) continue;
      seen[j] = 1;
      each(other);
    }
  }
}

static void options_text_group(const char *group, int first) {
  printf("%s%s%s%s\n", first ? "" : "\n", cli_bold(stdout), group, cli_plain(stdout));
}

static void options_text_line(const char *text) {
  printf("%*s", OPTIONS_INDENT, "");
  cli_wrap(stdout, text, OPTIONS_INDENT, OPTIONS_INDENT, cli_width(stdout));
  fputc('\n', stdout);
}

static void options_text(const swale_option_info *info) {
  char line[512];
  const char *applies = swale_option_applies(info);
  printf("  %s--%s%s=%s\n", cli_bold(stdout), swale_option_name(info), cli_plain(stdout), swale_option_default(info));
  options_text_line(swale_option_help(info));
  const char *type = swale_option_type(info), *allowed = swale_option_allowed(info);
  const int told = strncmp(allowed, type, strlen(type)) == 0; /* "integer in [1, 9]" tells the type */
  snprintf(line, sizeof line, "%s%s%s%s%s", told ? "" : type, told ? "" : ": ", allowed,
           *applies ? "; applies to " : "", applies);
  options_text_line(line);
}

static void options_markdown_group(const char *group, int first) {
  (void)first;
  printf("\n## %s\n\n| name | default | allowed | applies to | meaning |\n|---|---|---|---|---|\n", group);
}

/* A cell: `|` would end it. */
static void options_cell(const char *text, int code) {
  fputs(code && *text ? " `" : " ", stdout);
  for (; *text; text++) {
    if (*text == '`' && code) continue; /* code inside code */
    if (*text == '|') fputc('\\', stdout);
    fputc(*text, stdout);
    if (!text[1] && code) fputc('`', stdout);
  }
  fputs(" |", stdout);
}

static void options_markdown(const swale_option_info *info) {
  fputc('|', stdout);
  options_cell(swale_option_name(info), 1);
  options_cell(swale_option_default(info), 1);
  options_cell(swale_option_allowed(info), strchr(swale_option_allowed(info), '`') == NULL);
  options_cell(swale_option_applies(info), 1);
  options_cell(swale_option_help(info), 0);
  fputc('\n', stdout);
}

static const char *options_resume(const swale_option_info *info) {
  return swale_option_resumes(info) ? "may change" : "stays";
}

static void options_json(void) {
  const swale_option_info *info;
  for (size_t i = 0; (info = swale_option_at(i)) != NULL; i++) {
    const cli_pair fields[] = {{"name", swale_option_name(info)},       {"type", swale_option_type(info)},
                               {"default", swale_option_default(info)}, {"allowed", swale_option_allowed(info)},
                               {"group", swale_option_group(info)},     {"applies", swale_option_applies(info)},
                               {"help", swale_option_help(info)},       {"resume", options_resume(info)}};
    fputs(i == 0 ? "[{" : ",\n {", stdout);
    cli_json_fields(stdout, fields, sizeof fields / sizeof *fields);
    fputc('}', stdout);
  }
  fputs("]\n", stdout);
}

static void options_field(const char *name, const char *text) {
  if (!*text) return;
  fputs("  ", stdout);
  cli_pad(stdout, name, OPTIONS_COLUMN - 2);
  cli_wrap(stdout, text, OPTIONS_COLUMN, OPTIONS_COLUMN, cli_width(stdout));
  fputc('\n', stdout);
}

/* One option in detail; the variants too if it chooses one. */
static void options_one(const swale_option_info *info) {
  const char *name = swale_option_name(info);
  const swale_variant *variant;
  char line[512];
  printf("%s--%s%s\n  ", cli_bold(stdout), name, cli_plain(stdout));
  cli_wrap(stdout, swale_option_help(info), 2, 2, cli_width(stdout));
  fputs("\n\n", stdout);
  options_field("type", swale_option_type(info));
  options_field("default", *swale_option_default(info) ? swale_option_default(info) : "(empty)");
  options_field("allowed", swale_option_allowed(info));
  options_field("applies", swale_option_applies(info));
  options_field("group", swale_option_group(info));
  options_field("resume", swale_option_resumes(info) ? options_resume(info) : "");
  snprintf(line, sizeof line, "%s = %s", name, *swale_option_default(info) ? swale_option_default(info) : "\"\"");
  options_field("in a file", line);
  for (size_t i = 0; (variant = swale_variant_at(name, i)) != NULL; i++) {
    snprintf(line, sizeof line, "%s: %s", swale_variant_name(variant), swale_variant_brief(variant));
    options_field(i == 0 ? "there are" : "", line);
  }
}

static int options_named(const cli_arguments *arguments, const char *name) {
  if (strncmp(name, "--", 2) == 0) name += 2;
  const swale_option_info *info = cli_option_find(name, strlen(name));
  if (info) {
    options_one(info);
    return CLI_DONE;
  }
  const char *names[OPTIONS_MAX + 1] = {NULL};
  for (size_t i = 0; i < OPTIONS_MAX && (info = swale_option_at(i)) != NULL; i++) names[i] = swale_option_name(info);
  const char *near = swale_nearest(name, names);
  cli_error("there is no option '%.64s'%s%s%s", name, near ? "; did you mean '" : "", near ? near : "",
            near ? "'?" : "");
  cli_hint_help(arguments->command);
  return CLI_USAGE;
}

int cli_options(const cli_arguments *arguments) {
  if (arguments->positional[0]) return options_named(arguments, arguments->positional[0]);
  if (cli_arguments_flag(arguments, "--json")) {
    options_json();
  } else if (cli_arguments_flag(arguments, "--markdown")) {
    printf("<!-- Generated by `swale options --markdown`; do not edit. -->\n# Options\n\n"
           "The same names work on the command line (`--tau=0.01`), in a configuration file (`tau = 0.01`) and in C\n"
           "(`swale_options_set(options, \"tau\", \"0.01\")`). Setting an option that does not apply is an error; for "
           "a\nfunction of your own so are those of data, model, run, running and evaluate, which are about networks.\n"
           "With `--resume` may change:");
    const swale_option_info *info;
    for (size_t i = 0; (info = swale_option_at(i)) != NULL; i++) {
      if (swale_option_resumes(info)) printf(" `%s`", swale_option_name(info));
    }
    puts(".");
    options_by_group(options_markdown_group, options_markdown);
  } else {
    options_by_group(options_text_group, options_text);
  }
  return CLI_DONE;
}
