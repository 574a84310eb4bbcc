/* evaluate.c - swale evaluate: what is a saved model worth, at its parameters and around them? */
#include "arguments.h"

#include <math.h>
#include <string.h>
#include <sys/stat.h>

enum { EVALUATE_TEXT_MAX = 1100, EVALUATE_PATH_MAX = 4096 };
enum { EVALUATE_NAME = 15, EVALUATE_COLUMN = 38, EVALUATE_DIGITS = 6, EVALUATE_HUGE = 1000000 };

static const double evaluate_exact = 0.0; /* the standard error of what is not an estimate */

typedef struct evaluate_job {
  const cli_command *command;
  cli_arguments arguments;
  swale_context *context;
  swale_options *options, *trained; /* trained: of the config.conf beside the model */
  swale_evaluation *evaluation;
  char model[EVALUATE_PATH_MAX], config[EVALUATE_PATH_MAX]; /* paths */
} evaluate_job;

static int evaluate_is_folder(const char *path) {
  struct stat info;
  return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* The model file and the config.conf beside it. 0 if the path is too long. */
static int evaluate_paths(evaluate_job *job, const char *given) {
  size_t length = strlen(given);
  if (length + sizeof "/model.safetensors" >= EVALUATE_PATH_MAX) return 0;
  if (evaluate_is_folder(given)) {
    while (length > 1 && given[length - 1] == '/') length--;
    snprintf(job->model, sizeof job->model, "%.*s/model.safetensors", (int)length, given);
  } else {
    snprintf(job->model, sizeof job->model, "%s", given);
  }
  const char *slash = strrchr(job->model, '/');
  snprintf(job->config, sizeof job->config, "%.*sconfig.conf", slash ? (int)(slash - job->model + 1) : 0, job->model);
  return 1;
}

/* The data that the model was trained on becomes the default, and that is said. */
static swale_status evaluate_adopt(evaluate_job *job) {
  static const char *const names[] = {"data", "target", "test", "limit", "seed"};
  char said[EVALUATE_TEXT_MAX] = "", value[EVALUATE_TEXT_MAX];
  size_t used = 0;
  struct stat info;
  if (stat(job->config, &info) != 0 || cli_arguments_gives(&job->arguments, "data")) return SWALE_OK;
  swale_status status = swale_options_create(job->context, &job->trained);
  if (status == SWALE_OK) status = swale_options_read(job->trained, job->config);
  for (size_t i = 0; i < sizeof names / sizeof *names && status == SWALE_OK; i++) {
    status = swale_options_get(job->trained, names[i], value, sizeof value);
    if (status == SWALE_OK) status = swale_options_set(job->options, names[i], value);
    if (!*value || cli_arguments_gives(&job->arguments, names[i]) || used >= sizeof said) continue;
    used += (size_t)snprintf(said + used, sizeof said - used, "%s%s=%s", used ? " " : "", names[i], value);
  }
  if (status == SWALE_OK) cli_say("Data as in %s: %s", job->config, said);
  return status;
}

static swale_status evaluate_prepare(evaluate_job *job) {
  swale_status status = swale_context_create(NULL, &job->context);
  if (status == SWALE_OK) status = swale_options_create(job->context, &job->options);
  if (status == SWALE_OK) status = evaluate_adopt(job);
  if (status == SWALE_OK) status = cli_arguments_apply(&job->arguments, job->options);
  if (status == SWALE_OK) status = swale_options_set(job->options, "model", job->model);
  if (status == SWALE_OK) status = swale_evaluation_create(job->options, &job->evaluation);
  return status;
}

/* "number ± error": both to the second digit of the error, but at most six digits of the number; "number ± ?" where the
 * error is not known; the number alone where there is none (error <= 0). */
static void evaluate_value(double number, double error, char text[2 * CLI_NUMBER_MAX]) {
  char alone[CLI_NUMBER_MAX];
  if (!isfinite(number) || error <= 0.0 || !isfinite(error)) {
    const char *unknown = isfinite(number) && !(error <= 0.0) ? " ± ?" : "";
    snprintf(text, (size_t)2 * CLI_NUMBER_MAX, "%s%s", cli_number("%.5g", number, alone), unknown);
    return;
  }
  const int places = 1 - (int)floor(log10(error)); /* decimals up to the second digit of the error; may be negative */
  const int power = number != 0.0 ? (int)floor(log10(fabs(number))) : 0;
  const int digits = power + 1 + places; /* of the number, up to there */
  if (places <= EVALUATE_DIGITS && digits <= EVALUATE_DIGITS && power < EVALUATE_DIGITS && error < EVALUATE_HUGE) {
    const int decimals = places < 0 ? 0 : places;
    snprintf(text, (size_t)2 * CLI_NUMBER_MAX, "%.*f ± %.*f", decimals, number, decimals, error);
  } else {
    const int shown = digits < 1 ? 1 : digits < EVALUATE_DIGITS ? digits : EVALUATE_DIGITS;
    snprintf(text, (size_t)2 * CLI_NUMBER_MAX, "%.*g ± %.2g", shown, number, error);
  }
}

/* "name  value  meaning", the meaning wrapped; two blanks before it however long the value is. */
static void evaluate_line(const char *name, const char *value, const char *meaning) {
  const size_t end = EVALUATE_NAME + cli_columns(value) + 2;
  const size_t column = end > EVALUATE_COLUMN ? end : EVALUATE_COLUMN;
  cli_pad(stdout, name, EVALUATE_NAME);
  cli_pad(stdout, value, column - EVALUATE_NAME);
  cli_wrap(stdout, meaning, column, EVALUATE_COLUMN, cli_width(stdout));
  fputc('\n', stdout);
}

static void evaluate_row(const char *name, double number, double error, const char *meaning) {
  char value[2 * CLI_NUMBER_MAX];
  evaluate_value(number, error, value);
  evaluate_line(name, value, meaning);
}

static void evaluate_accuracy(const swale_evaluation *evaluation) {
  char value[CLI_NUMBER_MAX];
  const double accuracy = swale_evaluation_number(evaluation, SWALE_MEASURE_ACCURACY);
  if (!swale_evaluation_classifies(evaluation)) {
    evaluate_row("R2", accuracy, evaluate_exact, "1 is perfect; 0 is as good as the mean");
    return;
  }
  evaluate_line("accuracy", cli_number("%.2f %%", 100.0 * accuracy, value), "examples classified correctly");
}

static void evaluate_print(const evaluate_job *job) {
  const swale_evaluation *evaluation = job->evaluation;
  char dim[CLI_NUMBER_MAX], examples[CLI_NUMBER_MAX], few[CLI_NUMBER_MAX], data[EVALUATE_TEXT_MAX];
  if (swale_options_get(job->options, "data", data, sizeof data) != SWALE_OK) data[0] = '\0';
  const double loss = swale_evaluation_number(evaluation, SWALE_MEASURE_LOSS);
  const double heat = swale_evaluation_number(evaluation, SWALE_MEASURE_HEAT);
  const double entropy = swale_evaluation_number(evaluation, SWALE_MEASURE_LOCAL_ENTROPY);
  const double entropy_error = swale_evaluation_number(evaluation, SWALE_MEASURE_LOCAL_ENTROPY_SE);
  const double ess = swale_evaluation_number(evaluation, SWALE_MEASURE_ESS);
  printf("%s: %s, %s parameters\n", job->model, swale_evaluation_model(evaluation),
         cli_count(swale_evaluation_number(evaluation, SWALE_MEASURE_DIM), dim));
  printf("%s: %s test examples; %.0f draws of N(x, tau I), tau %g, beta %g\n\n", data,
         cli_count(swale_evaluation_number(evaluation, SWALE_MEASURE_EXAMPLES), examples),
         swale_evaluation_number(evaluation, SWALE_MEASURE_SAMPLES),
         swale_evaluation_number(evaluation, SWALE_MEASURE_TAU),
         swale_evaluation_number(evaluation, SWALE_MEASURE_BETA));
  evaluate_row("loss", loss, evaluate_exact, "mean over the examples, at x");
  evaluate_accuracy(evaluation);
  evaluate_row("local entropy", entropy, entropy_error,
               "F_LE / beta: soft minimum of the loss around x; never above heat");
  evaluate_row("heat", heat, swale_evaluation_number(evaluation, SWALE_MEASURE_HEAT_SE), "F_H: mean loss around x");
  evaluate_row("heat - loss", heat - loss, swale_evaluation_number(evaluation, SWALE_MEASURE_HEAT_SE),
               "curvature: about tau/2 times the trace of the Hessian; small in a wide valley");
  evaluate_row("ESS", ess, evaluate_exact, "effective draws behind the local entropy");
  if (!isnan(entropy_error)) return;
  printf("too few effective draws (ESS %s): use a smaller --beta or --tau, or more --samples\n",
         cli_number("%.3g", ess, few));
}

static int evaluate_work(evaluate_job *job) {
  const char *given = job->arguments.positional[0];
  if (!given) {
    cli_error("which model? usage: swale evaluate %s", job->command->usage);
    cli_hint_help(job->command);
    return CLI_USAGE;
  }
  if (!evaluate_paths(job, given)) {
    cli_error("the path of the model is too long");
    return CLI_USAGE;
  }
  const swale_status status = evaluate_prepare(job);
  if (status != SWALE_OK) return cli_fail(job->context, status, job->command);
  if (cli_arguments_flag(&job->arguments, "--json")) {
    printf("%s\n", swale_evaluation_json(job->evaluation));
  } else {
    evaluate_print(job);
  }
  return CLI_DONE;
}

int cli_evaluate(const cli_command *command, int argc, char **argv) {
  evaluate_job job = {.command = command};
  int result = cli_arguments_parse(command, argc, argv, 1, &job.arguments);
  if (result == CLI_DONE && !job.arguments.help) result = evaluate_work(&job);
  swale_evaluation_destroy(job.evaluation);
  swale_options_destroy(job.trained);
  swale_options_destroy(job.options);
  if (job.context) swale_context_destroy(job.context);
  cli_arguments_free(&job.arguments);
  return result;
}
