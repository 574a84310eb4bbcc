/* test_options.c - every type of option: what is taken, what is refused and in which words; configuration files. */
#include "check.h"

#include "options/number.h"
#include "options/options_parts.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct fixture {
  counting_allocator counting;
  swale_context *context;
  swale_options *options;
  char folder[64], path[128];
} fixture;

static int setup(void **state) {
  fixture *f = calloc(1, sizeof *f);
  f->context = check_context(&f->counting);
  check_ok(f->context, swale_options_create(f->context, &f->options));
  check_folder(f->folder);
  snprintf(f->path, sizeof f->path, "%s/run.conf", f->folder);
  *state = f;
  return 0;
}

static int teardown(void **state) {
  fixture *f = *state;
  check_remove(f->folder);
  swale_options_destroy(f->options);
  check_context_gone(&f->counting, f->context);
  free(f);
  return 0;
}

static void expect(fixture *f, const char *name, const char *text) {
  char got[SWL_TEXT_MAX];
  check_ok(f->context, swale_options_get(f->options, name, got, sizeof got));
  assert_string_equal(got, text);
}

static void takes(fixture *f, const char *name, const char *value, const char *text) {
  check_ok(f->context, swale_options_set(f->options, name, value));
  expect(f, name, text);
}

/* Refused with that sentence, and the value stays what it was. */
static void refuses(fixture *f, const char *name, const char *value, const char *sentence) {
  char before[SWL_TEXT_MAX];
  check_ok(f->context, swale_options_get(f->options, name, before, sizeof before));
  check_fails(f->context, swale_options_set(f->options, name, value), SWALE_ERROR_USAGE, sentence);
  expect(f, name, before);
}

static void reals(void **state) {
  fixture *f = *state;
  takes(f, "tau", "0.01", "0.01");
  takes(f, "tau", "+1.5E-3", "0.0015");
  takes(f, "tau", "1000000", "1000000");
  takes(f, "tau", "1e-12", "1e-12");
  takes(f, "tau", "5.", "5");
  takes(f, "tau", ".5", "0.5");
  takes(f, "tau", "0.1000000000000000055511151231257827", "0.1"); /* the double nearest to a tenth, in full */
  takes(f, "tau", "0.30000000000000004", "0.30000000000000004");  /* 0.1 + 0.2 needs 17 digits */
  takes(f, "validation", "-0", "0");
  refuses(f, "tau", "-1", "option tau: '-1' is out of range; allowed is [1e-12, 1e6]");
  refuses(f, "tau", "1000000.1", "is out of range");
  refuses(f, "tau", "0", "is out of range");
  const char *const not_numbers[] = {"",         " 1",     "1 ",  "1\n", "nan",   "NaN", "inf", "-inf",
                                     "infinity", "0x1p-3", "1e",  "1e+", ".",     "+",   "-",   "1,5",
                                     "1.5.",     "1k",     "--1", "e5",  "1e5.0", "1_0"};
  for (size_t i = 0; i < sizeof not_numbers / sizeof *not_numbers; i++) {
    refuses(f, "tau", not_numbers[i], "is not a number; allowed is [1e-12, 1e6]");
  }
  refuses(f, "tau", "1e999", "option tau: '1e999' is too large");
  refuses(f, "seconds", "1e-999", "is too close to 0"); /* 0 would mean no limit */
}

static void integers(void **state) {
  fixture *f = *state;
  takes(f, "samples", "17", "17");
  takes(f, "samples", "+007", "7");
  takes(f, "seed", "9223372036854775807", "9223372036854775807");
  refuses(f, "seed", "9223372036854775808", "option seed: '9223372036854775808' is too large");
  refuses(f, "seed", "-9223372036854775809", "is too small");
  refuses(f, "samples", "0", "option samples: '0' is out of range; allowed is integer in [1, 1000000000]");
  const char *const not_integers[] = {"", " 1", "1 ", "1.0", "1e3", "0x10", "10k", "-", "+", "ten", "1,000"};
  for (size_t i = 0; i < sizeof not_integers / sizeof *not_integers; i++) {
    refuses(f, "samples", not_integers[i], "is not an integer");
  }
}

static void automatic(void **state) {
  fixture *f = *state;
  expect(f, "beta", "auto");
  takes(f, "beta", "auto:0.25", "auto:0.25");
  assert_int_equal(swl_options_settings(f->options)->beta.automatic, 1);
  check_close(swl_options_settings(f->options)->beta.value, 0.25, 0.0);
  takes(f, "beta", "100", "100");
  assert_int_equal(swl_options_settings(f->options)->beta.automatic, 0);
  takes(f, "beta", "auto", "auto");
  check_close(swl_options_settings(f->options)->beta.value, 0.0, 0.0);
  refuses(f, "beta", "auto:0", "option beta: 'auto:0' is out of range; allowed is a number in [1e-12, 1e12], auto or");
  refuses(f, "beta", "auto:1", "is out of range");
  refuses(f, "beta", "auto:", "is not a number");
  refuses(f, "beta", "auto:nan", "is not a number");
  refuses(f, "beta", "automatic", "is not a number");
  refuses(f, "beta", "inf", "is not a number");
  refuses(f, "beta", "0", "is out of range");
}

static void words(void **state) {
  fixture *f = *state;
  takes(f, "loss", "huber", "huber");
  refuses(f, "loss", "crossentropy",
          "option loss: 'crossentropy' is none of the words; did you mean 'cross-entropy'? allowed is "
          "auto|cross-entropy|squared|huber|zero-one");
  refuses(f, "loss", "", "is none of the words; allowed is auto|cross-entropy|");
  refuses(f, "loss", "cross", "did you mean 'cross-entropy'?");
  refuses(f, "loss", "cross-entropy|squared", "is none of the words");
  refuses(f, "loss", "Huber", "did you mean 'huber'?");
  const char *const on[] = {"true", "yes", "on", "1"}, *const off[] = {"false", "no", "off", "0"};
  for (size_t i = 0; i < 4; i++) {
    takes(f, "json", on[i], "true");
    takes(f, "json", off[i], "false");
  }
  refuses(f, "json", "", "option json: '' is neither; allowed is true|false");
  refuses(f, "json", "TRUE", "is neither");
  takes(f, "regularizer", "some_name-2", "some_name-2"); /* which names exist, the registry knows */
  takes(f, "taus", "1e-4,0.001", "0.0001,0.001");
  takes(f, "taus", "", "");
  takes(f, "layer-samples", "32/16", "32,16");
  refuses(f, "taus", "1,,2",
          "option taus: '' is not a number; allowed is numbers in [1e-12, 1e6], separated by commas");
  refuses(f, "taus", "1,", "option taus: '' is not a number");
  refuses(f, "taus", ",1", "option taus: '' is not a number");
  refuses(f, "taus", "1,2x", "option taus: '2x' is not a number");
  refuses(f, "taus", "1e7", "option taus: '1e7' is out of range");
  refuses(f, "bits", "8,2.5", "option bits: '2.5' is not a whole number; allowed is whole numbers in [2, 24]");
  refuses(f, "layer-samples", "8/1", "option layer-samples: '1' is out of range");
  refuses(f, "bits", "2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2", "has more than 32 numbers");

  refuses(f, "regularizer", "", "option regularizer: '' is not a name; allowed is see `swale list regularizer`");
  refuses(f, "regularizer", "a b", "is not a name");
}

static void texts(void **state) {
  fixture *f = *state;
  char longest[SWL_TEXT_MAX + 1];
  memset(longest, 'x', sizeof longest);
  longest[SWL_TEXT_MAX] = '\0';
  refuses(f, "data", longest, "option data: the value has 1024 bytes; allowed are at most 1023");
  refuses(f, "data", "a\nb", "option data: byte 2 of the value is a control character (0x0a)");
  longest[SWL_TEXT_MAX - 1] = '\0';
  takes(f, "data", longest, longest);
  takes(f, "data", "csv:mesures été.csv", "csv:mesures été.csv");
  takes(f, "target", "", "");
  char small[4];
  check_ok(f->context, swale_options_set(f->options, "data", "abcd"));
  check_fails(f->context, swale_options_get(f->options, "data", small, sizeof small), SWALE_ERROR_USAGE,
              "option data: its text needs 5 bytes, 4 were given");
}

static void names(void **state) {
  fixture *f = *state;
  takes(f, "evaluate_every", "5", "5");
  takes(f, "evaluate-every", "6", "6");
  char text[8];
  check_fails(f->context, swale_options_set(f->options, "taux", "1"), SWALE_ERROR_USAGE,
              "unknown option 'taux'; did you mean 'tau'?");
  check_fails(f->context, swale_options_set(f->options, "momentun", "1"), SWALE_ERROR_USAGE,
              "did you mean 'momentum'?");
  check_fails(f->context, swale_options_set(f->options, "evaluate", "1"), SWALE_ERROR_USAGE, "'evaluate-every'?");
  check_fails(f->context, swale_options_set(f->options, "xyzzy", "1"), SWALE_ERROR_USAGE, "see `swale options`");
  check_fails(f->context, swale_options_set(f->options, "", "1"), SWALE_ERROR_USAGE, "unknown option ''");
  check_fails(f->context, swale_options_set(f->options, NULL, "1"), SWALE_ERROR_USAGE, "not NULL");
  check_fails(f->context, swale_options_set(f->options, "tau", NULL), SWALE_ERROR_USAGE, "not NULL");
  check_fails(f->context, swale_options_get(f->options, "taux", text, 8), SWALE_ERROR_USAGE, "did you mean 'tau'?");
  assert_int_equal(swl_options_is_set(f->options, "evaluate-every"), 1);
  assert_int_equal(swl_options_is_set(f->options, "tau"), 0);
  assert_int_equal(swl_options_is_set(f->options, "none-such"), 0);
}

static void nearest(void **state) {
  (void)state;
  const char *const list[] = {"langevin", "importance", "mala", "hmc", "local-entropy", "local-minimum", NULL};
  assert_string_equal(swale_nearest("langevim", list), "langevin"); /* one replacement */
  assert_string_equal(swale_nearest("lnagevin", list), "langevin"); /* one swap */
  assert_string_equal(swale_nearest("hcm", list), "hmc");           /* one swap in a word that allows only one edit */
  assert_string_equal(swale_nearest("LANGEVIN", list), "langevin"); /* case */
  assert_string_equal(swale_nearest("mla", list), "mala");          /* one insertion */
  assert_string_equal(swale_nearest("local_entropy", list), "local-entropy");
  assert_string_equal(swale_nearest("import", list), "importance"); /* the beginning of one */
  assert_null(swale_nearest("local", list));                        /* the beginning of two */
  assert_null(swale_nearest("quadratic", list));
  assert_null(swale_nearest("", list));
  assert_null(swale_nearest("a", (const char *const[]){"b", NULL})); /* all letters differ */
  char word[200];
  memset(word, 'a', sizeof word - 1);
  word[sizeof word - 1] = '\0';
  assert_null(swale_nearest(word, list));
}

/* Each default is a value of its own option, so inside the bounds; every row tells all that the manual needs. */
static void rows_are_complete(void **state) {
  fixture *f = *state;
  size_t count = 0;
  for (const swale_option_info *info; (info = swale_option_at(count)); count++) {
    const char *name = swale_option_name(info);
    check_ok(f->context, swale_options_set(f->options, name, swale_option_default(info)));
    assert_null(strchr(name, '_'));
    assert_true(strlen(name) > 0 && strlen(name) < 31);
    assert_non_null(strstr("text choice variant integer count real auto list flag", swale_option_type(info)));
    assert_true(strlen(swale_option_allowed(info)) > 0);
    assert_true(strlen(swale_option_group(info)) > 0);
    assert_true(strlen(swale_option_help(info)) > 0);
    for (size_t other = 0; other < count; other++)
      assert_string_not_equal(name, swale_option_name(swale_option_at(other)));
    /* Every condition of `applies` names another option, and words that this option takes. */
    char conditions[256];
    snprintf(conditions, sizeof conditions, "%s", swale_option_applies(info));
    char *rest = conditions, *condition;
    while ((condition = strtok_r(rest, " /", &rest))) {
      char *word = strchr(condition, '=');
      assert_non_null(word);
      *word++ = '\0';
      for (char *one; (one = strtok_r(word, "|", &word));) {
        char before[SWL_TEXT_MAX];
        check_ok(f->context, swale_options_get(f->options, condition, before, sizeof before));
        check_ok(f->context, swale_options_set(f->options, condition, one));
        check_ok(f->context, swale_options_set(f->options, condition, before));
      }
    }
  }
  assert_true(count > 40);
  assert_null(swale_option_at(SIZE_MAX));
  assert_string_equal(swale_option_name(swale_option_at(0)), "data");
  size_t validation = 0;
  while (strcmp(swale_option_name(swale_option_at(validation)), "validation") != 0) validation++;
  assert_string_equal(swale_option_type(swale_option_at(validation)), "real");
  assert_string_equal(swale_option_allowed(swale_option_at(validation)), "[0.0, 0.9]");
  assert_string_equal(swale_option_default(swale_option_at(validation)), "0.1");
}

static void conditions(void **state) {
  fixture *f = *state;
  check_ok(f->context, swl_options_check(f->options));
  check_ok(f->context, swale_options_set(f->options, "momentum", "0.5"));
  check_fails(f->context, swl_options_check(f->options), SWALE_ERROR_USAGE,
              "option momentum applies to optimizer=sgd; optimizer is adam");
  check_ok(f->context, swale_options_set(f->options, "momentum", "0.90")); /* its default: never an error */
  check_ok(f->context, swl_options_check(f->options));
  check_ok(f->context, swale_options_set(f->options, "momentum", "0.5"));
  check_ok(f->context, swale_options_set(f->options, "optimizer", "sgd"));
  check_ok(f->context, swl_options_check(f->options));
  check_ok(f->context, swale_options_set(f->options, "weight-decay", "0.1")); /* optimizer=sgd|adam */
  check_ok(f->context, swl_options_check(f->options));
  check_ok(f->context, swale_options_set(f->options, "tau-final", "0.5")); /* the second word of the second condition */
  check_fails(f->context, swl_options_check(f->options), SWALE_ERROR_USAGE,
              "option tau-final applies to tau-schedule=step|cosine|scoping; tau-schedule is constant");
  check_ok(f->context, swale_options_set(f->options, "tau-schedule", "scoping"));
  check_ok(f->context, swale_options_set(f->options, "antithetic", "no")); /* two conditions, the second fails */
  check_ok(f->context, swl_options_check(f->options));
  check_ok(f->context, swale_options_set(f->options, "sampler", "langevin"));
  check_fails(f->context, swl_options_check(f->options), SWALE_ERROR_USAGE,
              "option antithetic applies to sampler=importance; sampler is langevin");
  check_ok(f->context, swale_options_set(f->options, "antithetic", "yes"));
  check_ok(f->context,
           swale_options_set(f->options, "sampler", "import")); /* a beginning of the word is another word */
  check_ok(f->context, swale_options_set(f->options, "antithetic", "no"));
  check_fails(f->context, swl_options_check(f->options), SWALE_ERROR_USAGE, "sampler is import");
  check_ok(f->context, swale_options_set(f->options, "sampler", "importance2")); /* and so is a longer one */
  check_fails(f->context, swl_options_check(f->options), SWALE_ERROR_USAGE, "sampler is importance2");
}

static void reads(fixture *f, const char *text) {
  check_write(f->path, text, strlen(text));
  check_ok(f->context, swale_options_read(f->options, f->path));
}

/* Refused with that sentence, and no option has changed: tau is set before the bad line in every text. */
static void file_refused(fixture *f, const char *text, size_t length, swale_status status, const char *sentence) {
  const swl_settings before = *swl_options_settings(f->options);
  check_write(f->path, text, length);
  check_fails(f->context, swale_options_read(f->options, f->path), status, sentence);
  assert_memory_equal(swl_options_settings(f->options), &before, sizeof before);
  assert_int_equal(swl_options_is_set(f->options, "tau"), 0);
}

static void good_files(void **state) {
  fixture *f = *state;
  reads(f, "");
  reads(f, "\n\n# only a comment");
  reads(f, "\xef\xbb\xbftau=0.5\r\n  samples\t=  7 \t\r\n# a comment\r\n\r\nrate-schedule = constant # "
           "why\nevaluate_every=3");
  expect(f, "tau", "0.5");
  expect(f, "samples", "7");
  expect(f, "rate-schedule", "constant");
  expect(f, "evaluate-every", "3");
  assert_int_equal(swl_options_is_set(f->options, "samples"), 1);
  assert_int_equal(swl_options_is_set(f->options, "batch"), 0);
  reads(f, "data = csv:a#b c.csv   # the measurements\ntarget =\nout = \" # \\\"x\\\\ \"  # quoted");
  expect(f, "data", "csv:a#b c.csv");
  expect(f, "target", "");
  expect(f, "out", " # \"x\\ ");
  reads(f, "out = a = b\ntarget = # empty");
  expect(f, "out", "a = b");
  expect(f, "target", "");
}

static void bad_files(void **state) {
  fixture *f = *state;
#define REFUSED(text, status, sentence) file_refused(f, text, sizeof(text) - 1, status, sentence)
  REFUSED("tau = 1\nloss = hubert\n", SWALE_ERROR_USAGE, "run.conf:2: option loss: 'hubert' is none");
  REFUSED("tau = 1\n\n\ntaux = 1\n", SWALE_ERROR_USAGE, "run.conf:4: unknown option 'taux'; did you mean 'tau'?");
  REFUSED("tau = 1\nnonsense\n", SWALE_ERROR_FORMAT, "run.conf:2: expected `name = value`");
  REFUSED("tau = 1\n= 3\n", SWALE_ERROR_FORMAT, "run.conf:2: expected `name = value`");
  REFUSED("tau = 1\nba tch = 3\n", SWALE_ERROR_FORMAT, "run.conf:2: expected `name = value`");
  REFUSED("tau = 1\n\nrate = 1\ntau = 1\n", SWALE_ERROR_FORMAT, "run.conf:4: tau was set on line 1 already");
  REFUSED("evaluate-every = 1\nevaluate_every = 1\n", SWALE_ERROR_FORMAT,
          "run.conf:2: evaluate-every was set on line 1");
  REFUSED("tau = 1\nout = a\0b\n", SWALE_ERROR_FORMAT, "run.conf:2: the line holds a NUL byte");
  REFUSED("tau = 1\nout = \"a\n", SWALE_ERROR_FORMAT, "run.conf:2: the quote that begins the value is not closed");
  REFUSED("tau = 1\nout = \"a\\\n", SWALE_ERROR_FORMAT, "run.conf:2: in quotes, \\ must be followed by");
  REFUSED("tau = 1\nout = \"a\" b\n", SWALE_ERROR_FORMAT, "run.conf:2: there is text after the closing quote");
  REFUSED("tau = 1\nout = a\rb\n", SWALE_ERROR_USAGE, "run.conf:2: option out: byte 2 of the value is a control");
  REFUSED("tau = 1e999", SWALE_ERROR_USAGE, "run.conf:1: option tau: '1e999' is too large");
  char line[8 + 4098];
  memcpy(line, "tau = 1\n", 8);
  memset(line + 8, '#', 4097);
  file_refused(f, line, 8 + 4097, SWALE_ERROR_FORMAT, "run.conf:2: the line is longer than 4096 bytes");
  check_fails(f->context, swale_options_read(f->options, "/no/such.conf"), SWALE_ERROR_IO,
              "cannot open '/no/such.conf': No such file or directory");
  check_fails(f->context, swale_options_read(f->options, f->folder), SWALE_ERROR_IO, "it is a folder");
  check_write(f->path, line, 8 + 4096); /* exactly the longest line is legal */
  check_ok(f->context, swale_options_read(f->options, f->path));
}

static void write_to(fixture *f, const swale_options *options) {
  FILE *stream = fopen(f->path, "wb");
  assert_non_null(stream);
  check_ok(f->context, swl_options_write(f->context, options, stream));
  assert_int_equal(fclose(stream), 0);
}

/* A value of each option that is not its default: found by trying. The written file must give all of them back. */
static void differ_from_default(fixture *f, const swale_option_info *info) {
  const char *const tries[] = {" a \"b\" #\\ c ", "0.12345678901234568", "17", "auto:0.3", "true", "false"};
  char words[256], *rest = words, before[SWL_TEXT_MAX], after[SWL_TEXT_MAX];
  const char *name = swale_option_name(info);
  check_ok(f->context, swale_options_get(f->options, name, before, sizeof before));
  for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
    if (swale_options_set(f->options, name, tries[i]) != SWALE_OK) continue;
    check_ok(f->context, swale_options_get(f->options, name, after, sizeof after));
    if (strcmp(before, after) != 0) return;
  }
  snprintf(words, sizeof words, "%s", swale_option_allowed(info));
  for (const char *word; (word = strtok_r(rest, "|", &rest));) {
    if (strcmp(word, before) != 0 && swale_options_set(f->options, name, word) == SWALE_OK) return;
  }
  fail_msg("no other value was found for %s", name);
}

static void written_files_read_back(void **state) {
  fixture *f = *state;
  const char *const setups[][4] = {/* regularizer, sampler, optimizer, tau-schedule */
                                   {"local-entropy", "importance", "adam", "constant"},
                                   {"local-entropy", "langevin", "sgd", "scoping"},
                                   {"heat", "importance", "robbins-monro", "cosine"},
                                   {"none", "importance", "matching", "constant"}};
  const char *const fixed[] = {"regularizer", "sampler", "optimizer", "tau-schedule"};
  for (size_t i = 0; i < sizeof setups / sizeof *setups; i++) {
    swale_options *twin = NULL;
    for (size_t j = 0; j < SIZE_MAX && swale_option_at(j); j++) {
      const swale_option_info *info = swale_option_at(j);
      const char *name = swale_option_name(info);
      check_ok(f->context, swale_options_set(f->options, name, swale_option_default(info)));
      differ_from_default(f, info);
    }
    for (size_t j = 0; j < 4; j++) check_ok(f->context, swale_options_set(f->options, fixed[j], setups[i][j]));
    /* What does not apply goes back to its default, as swl_options_check asks. */
    while (swl_options_check(f->options) != SWALE_OK) {
      char name[64];
      assert_int_equal(sscanf(swale_context_message(f->context), "option %63[^ ]", name), 1);
      for (size_t j = 0; swale_option_at(j); j++) {
        if (strcmp(swale_option_name(swale_option_at(j)), name) != 0) continue;
        check_ok(f->context, swale_options_set(f->options, name, swale_option_default(swale_option_at(j))));
      }
    }
    write_to(f, f->options);
    check_ok(f->context, swale_options_create(f->context, &twin));
    check_ok(f->context, swale_options_read(twin, f->path));
    check_ok(f->context, swl_options_check(twin));
    for (size_t j = 0; swale_option_at(j); j++) {
      char text[SWL_TEXT_MAX];
      check_ok(f->context, swale_options_get(twin, swale_option_name(swale_option_at(j)), text, sizeof text));
      expect(f, swale_option_name(swale_option_at(j)), text);
    }
    swale_options_destroy(twin);
  }
}

static void written_file_in_words(void **state) {
  fixture *f = *state;
  check_ok(f->context, swale_options_set(f->options, "out", ""));
  write_to(f, f->options);
  check_ok(f->context, swale_options_set(f->options, "target", "\"q\""));
  write_to(f, f->options);
  check_ok(f->context, swale_options_read(f->options, f->path));
  expect(f, "target", "\"q\"");
  check_ok(f->context, swale_options_set(f->options, "target", ""));
  write_to(f, f->options);
  char text[8192] = "";
  FILE *stream = fopen(f->path, "rb");
  assert_true(fread(text, 1, sizeof text - 1, stream) > 0);
  fclose(stream);
  assert_non_null(
      strstr(text, "\n\n# data\ndata = digits\n# target = \"\"  (applies to data=csv:FILE)\ntask = auto\n"));
  assert_non_null(strstr(text, "\n# momentum = 0.9  (applies to optimizer=sgd)\n"));
  assert_non_null(strstr(text, "\nout = \"\"\n"));
  const char *schedule = strstr(text, "\n# schedule\n");
  assert_non_null(schedule);
  assert_null(strstr(schedule + 1, "\n# schedule\n")); /* rows of one group lie together */
  stream = fopen("/dev/full", "wb");
  if (!stream) return;
  setvbuf(stream, NULL, _IONBF, 0);
  check_fails(f->context, swl_options_write(f->context, f->options, stream), SWALE_ERROR_IO,
              "cannot write the configuration: No space left on device");
  fclose(stream);
}

/* A host program that has chosen a locale with a decimal comma changes nothing, and keeps its locale. */
static void locales_do_not_matter(void **state) {
  fixture *f = *state;
  const char *const commas[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE.utf8", "it_IT.UTF-8", "pl_PL.UTF-8"};
  size_t i = 0;
  while (i < sizeof commas / sizeof *commas && !setlocale(LC_ALL, commas[i])) i++;
  if (i == sizeof commas / sizeof *commas) skip();
  takes(f, "tau", "0.25", "0.25");
  refuses(f, "tau", "0,25", "is not a number");
  char text[16];
  snprintf(text, sizeof text, "%.1f", 0.5);
  setlocale(LC_ALL, "C");
  assert_string_equal(text, "0,5");
}

static void numbers_read_back(void **state) {
  (void)state;
  uint64_t bits = 0x9e3779b97f4a7c15u; /* splitmix64 over all doubles, subnormals included */
  for (size_t i = 0; i < 20000; i++) {
    bits += 0x9e3779b97f4a7c15u;
    uint64_t z = bits;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    z ^= z >> 31;
    if (i % 8 == 0) z &= 0x800fffffffffffffu;
    double value, back = 0.0;
    memcpy(&value, &z, sizeof value);
    if (!isfinite(value)) continue;
    char text[SWL_REAL_TEXT_MAX];
    swl_real_text(value, text);
    assert_null(swl_real_parse(text, &back));
    assert_memory_equal(&value, &back, sizeof value);
  }
  char text[SWL_REAL_TEXT_MAX];
  swl_real_text(-1.7976931348623157e308, text);
  assert_string_equal(text, "-1.7976931348623157e+308");
  swl_real_text(1e-3, text);
  assert_string_equal(text, "0.001");
}

static swale_status read_options(swale_context *context, void *user) {
  const fixture *f = user;
  swale_options *options = NULL;
  swale_status status = swale_options_create(context, &options);
  if (status == SWALE_OK) status = swale_options_read(options, f->path);
  swale_options_destroy(options);
  return status;
}

static void failing_allocations(void **state) {
  fixture *f = *state;
  check_write(f->path, "tau = 1\n", 8);
  assert_int_equal(check_refusals(read_options, f, 10), 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(reals),
      TEST(integers),
      TEST(automatic),
      TEST(words),
      TEST(texts),
      TEST(names),
      TEST(nearest),
      TEST(rows_are_complete),
      TEST(conditions),
      TEST(good_files),
      TEST(bad_files),
      TEST(written_files_read_back),
      TEST(written_file_in_words),
      TEST(locales_do_not_matter),
      TEST(numbers_read_back),
      TEST(failing_allocations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
