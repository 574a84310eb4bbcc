/* test_used.c - every option of the table: what a run used is said in the same words by its log, its config.conf, its model
 * file, its report, and the program.
 *
 * Each option is set to a legal value that is not its default, in a run where it applies: its conditions are met by the first
 * word of each. What cannot be set in a run as small as these is checked at its default.
 */
#include "test_run.h"

#include "options/table.h"

#include <unistd.h>

/* Values of options whose texts have a grammar of their own, or whose neighborhood is not free. */
static const char *const special[][2] = {{"layer-samples", "4,2"},
                                         {"updates", "2"},
                                         {"epochs", "2"},
                                         {"test", "0.3"},
                                         {"limit", "50"},
                                         {"inner", "2"},
                                         {"batch", "20"},
                                         {"samples", "4"},
                                         {"beta", "2"},
                                         {"chains", "2"},
                                         {"threads", "2"},
                                         {"rank", "2"},
                                         {"seconds", "1000"},
                                         {"target", "y"},
                                         {"data", "digits:70"},
                                         {"model", "mlp:784-3-10"},
                                         {"optimizer", "sgd"},
                                         {"sampler", "pcn"},
                                         {"regularizer", "none"},
                                         {"noise", "weights"},
                                         {"tau", "0.01"},
                                         {"sig", "0.1"},
                                         {"loss", "zero-one"},
                                         {"activation", "tanh"}};

/* Another value than the default; 0 if none is known. */
static int other_value(const swale_option_info *info, char text[SWL_TEXT_MAX]) {
  const char *name = swale_option_name(info), *standard = swale_option_default(info);
  for (size_t i = 0; i < sizeof special / sizeof *special; i++) {
    if (strcmp(special[i][0], name) == 0) return snprintf(text, SWL_TEXT_MAX, "%s", special[i][1]) > 0;
  }
  if (info->type == SWL_OPTION_FLAG)
    return snprintf(text, SWL_TEXT_MAX, strcmp(standard, "true") ? "true" : "false") > 0;
  if (info->type == SWL_OPTION_CHOICE) {
    const char *word = swale_option_allowed(info);
    for (size_t length = strcspn(word, "|"); *word;
         word += length + (word[length] == '|'), length = strcspn(word, "|")) {
      if (strncmp(word, standard, length) == 0 && !standard[length]) continue;
      if (length == 4 && strncmp(word, "auto", 4) == 0) continue;
      return snprintf(text, SWL_TEXT_MAX, "%.*s", (int)length, word) > 0;
    }
    return 0;
  }
  if (info->type == SWL_OPTION_INTEGER || info->type == SWL_OPTION_COUNT_AUTO) {
    const long long value = info->integer_min + (strtoll(standard, NULL, 10) == info->integer_min);
    return snprintf(text, SWL_TEXT_MAX, "%lld", value) > 0;
  }
  if (info->type == SWL_OPTION_REAL || info->type == SWL_OPTION_AUTO) {
    const double usual = strtod(standard, NULL), half = usual > 0 ? usual / 2 : 0.125;
    return snprintf(text, SWL_TEXT_MAX, "%g", half < info->real_min ? info->real_min : half) > 0;
  }
  return 0;
}

/* The first words of the conditions, as options: "optimizer=sgd|adam" -> "optimizer=sgd". */
static void meet(swale_options *options, const swale_option_info *info) {
  char name[SWL_OPTION_NAME_MAX], word[64];
  for (const char *condition = info->applies; *condition;) {
    const size_t length = strcspn(condition, " "), equals = strcspn(condition, "=");
    const char *from = condition + equals + 1;
    if (strncmp(from, "auto|", 5) == 0) from += 5;
    snprintf(name, sizeof name, "%.*s", (int)equals, condition);
    snprintf(word, sizeof word, "%.*s", (int)strcspn(from, "|/ "), from);
    assert_int_equal(swale_options_set(options, name, word), SWALE_OK);
    condition += length;
    condition += strspn(condition, " ");
  }
}

/* The record of the beginning, and the options in the model file. */
static json_t *begin_of(stage *s) {
  size_t count = 0;
  char *log = stage_bytes(s, "run/log.jsonl", &count);
  json_t *begin = json_loads(log, JSON_DISABLE_EOF_CHECK, NULL);
  assert_string_equal(json_string_value(json_object_get(begin, "event")), "begin");
  free(log);
  return begin;
}

static json_t *model_options(stage *s) {
  size_t count = 0;
  char *bytes = stage_bytes(s, "run/model.safetensors", &count);
  json_t *head = json_loads(bytes + 8, JSON_DISABLE_EOF_CHECK, NULL);
  const json_t *metadata = json_object_get(head, "__metadata__");
  json_t *options = json_loads(json_string_value(json_object_get(metadata, "options")), 0, NULL);
  assert_non_null(options);
  json_decref(head);
  free(bytes);
  return options;
}

/* All places say the same of every option of the run; `changed` has another value than its default. */
static void check_places(stage *s, swale_run *run, const char *changed) {
  json_t *begin = begin_of(s), *model = model_options(s);
  const json_t *options = json_object_get(begin, "options");
  size_t count = 0;
  char *config = stage_bytes(s, "run/config.conf", &count), *page = stage_bytes(s, "page.html", &count);
  assert_int_equal(json_object_size(options), SWL_OPTION_COUNT);
  for (size_t i = 0; swale_option_at(i); i++) {
    const swale_option_info *info = swale_option_at(i);
    const char *name = swale_option_name(info), *used = json_string_value(json_object_get(options, name));
    const char *kept = json_string_value(json_object_get(model, name));
    char said[SWL_TEXT_MAX], line[SWL_TEXT_MAX + 64];
    if (!used) {
      assert_true(json_is_null(json_object_get(options, name)));
      assert_null(kept);
      continue;
    }
    check_ok(s->context, swale_run_setting(run, name, said, sizeof said));
    assert_string_equal(said, used);
    if (swl_option_changes_results(info) && strncmp(used, "csv:", 4) != 0 && (!kept || strcmp(kept, used) != 0)) {
      fail_msg("the model file says %s = %s, the log %s", name, kept ? kept : "nothing", used);
    }
    if (!swl_option_changes_results(info)) assert_null(kept);
    if (!*used) continue;
    snprintf(line, sizeof line, "%s = %s\n", name, used); /* as it was given, or in the comments */
    if (!strstr("out json progress", name) && !strstr(config, line)) fail_msg("config.conf does not say '%s'", line);
    if (strcmp(name, changed) != 0) continue;
    snprintf(line, sizeof line, "<th scope=\"row\">%s</th><td>%s</td>", name, used);
    if (!strstr(page, line) && strncmp(used, "csv:", 4) != 0) fail_msg("the report does not say '%s'", line);
  }
  free(config), free(page);
  json_decref(begin), json_decref(model);
}

static void every_option_is_said_alike(void **state) {
  (void)state;
  size_t tried = 0;
  for (size_t i = 0; swale_option_at(i); i++) {
    const swale_option_info *info = swale_option_at(i);
    const char *name = swale_option_name(info);
    char value[SWL_TEXT_MAX], page[1200], folder[1200];
    const char *const folders[] = {folder};
    stage s;
    swale_run *run = NULL;
    if (strcmp(info->group, "evaluate") == 0 || strcmp(name, "out") == 0) continue;
    stage_make(&s, "");
    stage_csv(&s, "words.csv", 60, "low", "up");
    stage_options(&s, "data=digits:60 model=mlp:784-2-10 epochs=1 out=@/run");
    const int csv = strstr(info->applies, "csv:") != NULL;
    if (!csv) meet(s.options, info);
    if (csv) stage_options(&s, "data=csv:@/words.csv epochs=1 out=@/run");
    const int other = other_value(info, value);
    if (other) check_ok(s.context, swale_options_set(s.options, name, value));
    swale_status status = swale_run_create(s.options, &run);
    if (status != SWALE_OK) { /* not in this company: with its default */
      print_message("%s=%s: %s\n", name, other ? value : "", swale_context_message(s.context));
      stage_options(&s, "data=digits:60 model=mlp:784-2-10 epochs=1 out=@/run");
      check_ok(s.context, swale_run_create(s.options, &run));
    } else {
      tried++;
    }
    for (int done = 0; !done;) check_ok(s.context, swale_run_advance(run, &done));
    check_ok(s.context, swale_run_finish(run, swale_run_stop(run)));
    snprintf(folder, sizeof folder, "%s", stage_path(&s, "run"));
    snprintf(page, sizeof page, "%s", stage_path(&s, "page.html"));
    check_ok(s.context, swale_report_write(s.context, folders, 1, page));
    check_places(&s, run, status == SWALE_OK ? name : "");
    swale_run_destroy(run);
    stage_free(&s);
  }
  assert_true(tried > 50);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_option_is_said_alike)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
