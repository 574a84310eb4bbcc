/* advice.c - what to try next? Rules over the numbers of a run, each said only where its condition holds.
 *
 * Means are over the last half of the evaluations, where a run has found its way. The thresholds are heuristic: they
 * separate what is worth a try from what is in order, and nothing is derived from them.
 */
#include "report/sections.h"
#include "variants.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ADVICE_SENTENCE = 512, ADVICE_FEW = 4 };

#define ADVICE_ESS 0.05        /* of the draws */
#define ADVICE_ERROR 0.1       /* of the value */
#define ADVICE_OVERFIT 1.1     /* times the best validation loss */
#define ADVICE_GAP 0.05        /* of accuracy or R² */
#define ADVICE_LOW 0.9         /* accuracy or R² on the training examples */
#define ADVICE_PROGRESS 0.95   /* of the validation loss, over the last fifth */
#define ADVICE_ACCEPT_LOW 0.15 /* optima lie at 0.23 to 0.65 */
#define ADVICE_ACCEPT_HIGH 0.97
#define ADVICE_MIXED 10 /* independent draws of each chain */
#define ADVICE_UNDECIDED 0.9
#define ADVICE_VIOLATED 0.01 /* of the updates that were decided */

/* One rule: 1 and a sentence where it has something to say. */
typedef int (*advice_rule)(const swl_report_run *run, char text[ADVICE_SENTENCE]);

static double advice_mean(const swl_report_run *run, swl_record_key key) {
  double sum = 0, count = 0;
  for (size_t i = run->evaluation_count / 2; i < run->evaluation_count; i++) {
    const double value = swl_report_real(run, i, key);
    if (!isfinite(value)) continue;
    sum += value;
    count++;
  }
  return count > 0 ? sum / count : (double)NAN;
}

static double advice_last(const swl_report_run *run, swl_record_key key) {
  return run->evaluation_count ? swl_report_real(run, run->evaluation_count - 1, key) : (double)NAN;
}

static int advice_uses(const swl_report_run *run, swl_record_key key, const char *value) {
  const char *text = run->final ? swl_key_text(run->final, key) : NULL;
  return text && strcmp(text, value) == 0;
}

/* NULL without, or where this version does not know it. */
static const swl_sampler_ops *advice_sampler(const swl_report_run *run) {
  const char *name = run->final ? swl_key_text(run->final, SWL_KEY_SAMPLER) : NULL;
  return name ? swl_find_sampler(NULL, name) : NULL;
}

/* The evaluation with the least validation loss; evaluation_count where there is none. */
static size_t advice_best(const swl_report_run *run) {
  size_t best = run->evaluation_count;
  for (size_t i = 0; i < run->evaluation_count; i++) {
    const double loss = swl_report_real(run, i, SWL_KEY_VALIDATION_LOSS);
    if (isfinite(loss) && (best == run->evaluation_count || loss < swl_report_real(run, best, SWL_KEY_VALIDATION_LOSS)))
      best = i;
  }
  return best;
}

static int advice_restored(const swl_report_run *run, char text[ADVICE_SENTENCE]) {
  if (run->restored_count == 0) return 0;
  snprintf(text, ADVICE_SENTENCE,
           "The run went back to its last good state %zu time%s and on at a smaller rate. Begin with a smaller --rate "
           "(a half for each restore), or take more --samples.",
           run->restored_count, run->restored_count == 1 ? "" : "s");
  return 1;
}

static int advice_diverged(const swl_report_run *run, char text[ADVICE_SENTENCE]) {
  if (!advice_uses(run, SWL_KEY_STOP, "diverged")) return 0;
  snprintf(text, ADVICE_SENTENCE,
           "The run diverged, and the restores were used up. A smaller --rate, a smaller --tau (or --sig) or more "
           "--samples keep it in the range where the loss is finite.");
  return 1;
}

static int advice_ess(const swl_report_run *run, char text[ADVICE_SENTENCE]) {
  const double ess = run->resolved ? advice_mean(run, SWL_KEY_ESS) / (double)run->used.settings.samples : (double)NAN;
  if (!(ess < ADVICE_ESS)) return 0;
  snprintf(
      text, ADVICE_SENTENCE,
      "Only %.2g %% of the draws carry the weights (ESS/N). A smaller --beta (or --beta=auto:0.5), a smaller --tau, "
      "more --samples or --sampler=tempered make more of them count.",
      100 * ess);
  return 1;
}

static int advice_error(const swl_report_run *run, char text[ADVICE_SENTENCE]) {
  const double value = fabs(advice_mean(run, SWL_KEY_VALUE)), error = advice_mean(run, SWL_KEY_VALUE_SE);
  if (!(value > 0 && error > ADVICE_ERROR * value)) return 0;
  snprintf(text, ADVICE_SENTENCE,
           "The objective of an update is known to ± %.0f %% only (value_se). More --samples would steady the steps; a "
           "smaller --rate or --average=0.99 averages the noise over updates instead.",
           100 * error / value);
  return 1;
}

static int advice_overfit(const swl_report_run *run, char text[ADVICE_SENTENCE]) {
  const size_t best = advice_best(run);
  if (run->evaluation_count < ADVICE_FEW || best + 1 >= run->evaluation_count) return 0;
  const int kept = isfinite(swl_report_final(run, SWL_KEY_BEST_UPDATE));
  const double least = swl_report_real(run, best, SWL_KEY_VALIDATION_LOSS),
               last = advice_last(run, SWL_KEY_VALIDATION_LOSS);
  if (!(last > ADVICE_OVERFIT * least &&
        advice_last(run, SWL_KEY_TRAIN_LOSS) < swl_report_real(run, best, SWL_KEY_TRAIN_LOSS))) {
    return 0;
  }
  snprintf(text, ADVICE_SENTENCE,
           "The validation loss was least at update %.0f (%.4g) and rose to %.4g while the training loss kept falling. "
           "%s--weight-decay, --average=0.99, or more noise (--tau, --sig)%s.",
           swl_report_real(run, best, SWL_KEY_UPDATE), least, last,
           kept ? "The model is the best one; " : "Try --patience=5 (it also keeps the best model), ",
           kept ? " may make it better" : "");
  return 1;
}

static int advice_unfinished(const swl_report_run *run, char text[ADVICE_SENTENCE]) {
  const size_t count = run->evaluation_count;
  if (count < 2 * ADVICE_FEW || advice_best(run) + 1 != count) return 0;
  const double before = swl_report_real(run, count - 1 - count / 5, SWL_KEY_VALIDATION_LOSS);
  const double last = advice_last(run, SWL_KEY_VALIDATION_LOSS);
  if (!(last < ADVICE_PROGRESS * before)) return 0;
  snprintf(text, ADVICE_SENTENCE,
           "The validation loss was still falling at the end: from %.4g to %.4g in the last fifth of the run. More "
           "--epochs should pay.",
           before, last);
  return 1;
}

static int advice_gap(const swl_report_run *run, char text[ADVICE_SENTENCE]) {
  const int classes = swl_report_classifies(run);
  const double train = swl_report_final(run, classes ? SWL_KEY_TRAIN_ACCURACY : SWL_KEY_TRAIN_R2);
  const double validation = swl_report_final(run, classes ? SWL_KEY_VALIDATION_ACCURACY : SWL_KEY_VALIDATION_R2);
  if (!(train - validation > ADVICE_GAP)) return 0;
  snprintf(text, ADVICE_SENTENCE,
           "The training examples are fitted better than the validation examples: %s %.3f against %.3f. More data, "
           "--weight-decay, a smaller model, or more noise (--tau, --sig) narrow the gap.",
           classes ? "accuracy" : "R²", train, validation);
  return 1;
}

static int advice_underfit(const swl_report_run *run, char text[ADVICE_SENTENCE]) {
  const int classes = swl_report_classifies(run);
  const double train = swl_report_final(run, classes ? SWL_KEY_TRAIN_ACCURACY : SWL_KEY_TRAIN_R2);
  if (!(train < ADVICE_LOW)) return 0;
  snprintf(text, ADVICE_SENTENCE,
           "The training examples themselves are not fitted: %s %.3f. More --epochs, another --rate, more --samples or "
           "a wider --model may help.",
           classes ? "accuracy" : "R²", train);
  return 1;
}

static int advice_acceptance(const swl_report_run *run, char text[ADVICE_SENTENCE]) {
  const double accepted = advice_mean(run, SWL_KEY_ACCEPTANCE);
  const swl_sampler_ops *sampler = advice_sampler(run);
  if (!sampler || !sampler->decides || !(accepted < ADVICE_ACCEPT_LOW || accepted > ADVICE_ACCEPT_HIGH)) return 0;
  snprintf(text, ADVICE_SENTENCE,
           accepted < 0.5 ? "The chains took %.0f %% of their proposals only: a smaller --step, or --step=auto."
                          : "The chains took %.0f %% of their proposals: they could go farther. A larger --step, or "
                            "--step=auto.",
           100 * accepted);
  return 1;
}

static int advice_mixing(const swl_report_run *run, char text[ADVICE_SENTENCE]) {
  const double time = advice_mean(run, SWL_KEY_MIXING_TIME);
  const swl_sampler_ops *sampler = advice_sampler(run);
  if (!run->resolved || !isfinite(time) || !sampler || !sampler->walks) return 0;
  const double kept = (double)run->used.settings.samples / (double)run->used.settings.chains *
                      (1 - run->used.settings.burn);
  if (!(kept < ADVICE_MIXED * time)) return 0;
  snprintf(
      text, ADVICE_SENTENCE,
      "A chain keeps %.0f states, and one independent draw takes %.3g steps (mixing_time): more --samples, or fewer "
      "--chains, make the chains longer.",
      kept, time);
  return 1;
}

static int advice_violated(const swl_report_run *run, char text[ADVICE_SENTENCE]) {
  const double violated = advice_last(run, SWL_KEY_VIOLATED), held = advice_last(run, SWL_KEY_HELD);
  if (!(violated > 0 && violated > ADVICE_VIOLATED * (held + violated))) return 0;
  snprintf(text, ADVICE_SENTENCE,
           "The promised decrease failed in %.0f updates and held in %.0f: more than the band of three standard errors "
           "explains. A smaller --rate or more --samples.",
           violated, held);
  return 1;
}

static int advice_undecided(const swl_report_run *run, char text[ADVICE_SENTENCE]) {
  const double undecided = advice_last(run, SWL_KEY_UNDECIDED);
  if (!(undecided > 0 && undecided > ADVICE_UNDECIDED * (advice_last(run, SWL_KEY_HELD) + undecided))) return 0;
  snprintf(text, ADVICE_SENTENCE,
           "The check of the decrease left %.0f updates undecided: the sampling error is larger than the change. More "
           "--samples would decide more of them.",
           undecided);
  return 1;
}

static int advice_rejected(const swl_report_run *run, char text[ADVICE_SENTENCE]) {
  const double rejected = fmax(swl_report_final(run, SWL_KEY_REJECTED), advice_last(run, SWL_KEY_REJECTED));
  if (!(rejected > 0)) return 0;
  snprintf(text, ADVICE_SENTENCE,
           "%.0f losses were not finite; their draws had no weight. A smaller --tau stays where the loss is defined.",
           rejected);
  return 1;
}

static int advice_interrupted(const swl_report_run *run, char text[ADVICE_SENTENCE]) {
  if (!advice_uses(run, SWL_KEY_STOP, "interrupted")) return 0;
  snprintf(text, ADVICE_SENTENCE,
           "The run was interrupted, so its schedules did not end. --model=…/model.safetensors begins a new run from "
           "what it had.");
  return 1;
}

static const advice_rule advice_rules[] = {advice_diverged,   advice_restored,   advice_ess,      advice_error,
                                           advice_overfit,    advice_unfinished, advice_gap,      advice_underfit,
                                           advice_acceptance, advice_mixing,     advice_violated, advice_undecided,
                                           advice_rejected,   advice_interrupted};

/* The sentence, with --options and their values in <code>. */
static void advice_say(swl_page *page, char text[ADVICE_SENTENCE]) {
  for (char *option = strstr(text, "--"); option; option = strstr(text, "--")) {
    size_t length = strspn(option, "abcdefghijklmnopqrstuvwxyz0123456789-=:./…");
    while (option[length - 1] == '.' || option[length - 1] == ':') length--;
    const char after = option[length];
    *option = '\0';
    swl_page_text(page, text);
    *option = '-';
    option[length] = '\0';
    swl_page_put(page, "<code>");
    swl_page_text(page, option);
    swl_page_put(page, "</code>");
    option[length] = after;
    text = option + length;
  }
  swl_page_text(page, text);
}

static void advice_run(swl_page *page, const swl_report *report, size_t run) {
  size_t said = 0;
  if (report->count > 1) {
    swl_page_put(page, "<h3>");
    swl_report_name(page, report, run);
    swl_page_put(page, "</h3>");
  }
  for (size_t i = 0; i < sizeof advice_rules / sizeof *advice_rules; i++) {
    char text[ADVICE_SENTENCE];
    if (!advice_rules[i](&report->runs[run], text)) continue;
    swl_page_put(page, said++ == 0 ? "<ul><li>" : "<li>");
    advice_say(page, text);
    swl_page_put(page, "</li>\n");
  }
  swl_page_put(page, said ? "</ul>\n" : "<p>Nothing in the numbers asks for a change.</p>\n");
}

void swl_report_advice(swl_page *page, const swl_report *report) {
  swl_page_put(page, "<section id=\"next\"><h2>What to try next</h2>\n");
  for (size_t run = 0; run < report->count; run++) advice_run(page, report, run);
  swl_page_put(page, "</section>\n");
}
