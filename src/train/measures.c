/* measures.c - precision, recall, F1, balanced accuracy, ROC AUC; RMSE and MAE in the target's own units.
 *
 *   symbol | code                | meaning
 *   -------|---------------------|-------------------------------------------------------------------
 *   n_ik   | confusion           | examples of class i that are taken for class k (largest output; ties: the first)
 *   precision_k | precision      | n_kk / Σ_i n_ik
 *   recall_k    | recall         | n_kk / Σ_i n_ki
 *   F1_k        | f1             | 2 n_kk / (Σ_i n_ik + Σ_i n_ki)
 *   AUC    | roc_auc             | P(p of an example of the second class > p of one of the first) + P(equal) / 2
 *   p      | score               | probability of the second class, 1 / (1 + exp(o_0 - o_1))
 *   RMSE, MAE | rmse, mae        | root mean square and mean size of (output - target) / target_scale
 *
 * A ratio 0 / 0 is 0 where the other of precision and recall is known, and the class counts in the means; a class that is
 * neither a label nor an answer has none, NaN, and does not count. So it is in scikit-learn 1.2 (zero_division = 0).
 *
 * steps     (1) outputs of a chunk: answers, p, or errors (2) the matrix (3) measures of classes and their means (4) AUC by
 *           ranks: of equal p every example has their mean rank (Mann, Whitney 1947) (5) errors, summed by chunk.
 * cost      one pass over the examples, and a sort where there are two classes.
 */
#include "train/measures.h"

#include "problem/outputs.h"

#include <math.h>
#include <stdlib.h>

typedef struct measures_score {
  double p;
  uint32_t label;
} measures_score;

typedef struct measures_error {
  double square, size;
} measures_error;

typedef struct measures_job {
  swl_outputs outputs;
  const swl_schema *schema;
  const float *x;
  const swl_table *table;
  uint32_t *answers;      /* examples */
  measures_score *scores; /* examples; NULL unless there are two classes */
  measures_error *errors; /* chunks; NULL for classes */
} measures_job;

static void measures_classify(const measures_job *job, size_t first, const swl_examples *examples,
                              const float *outputs) {
  const size_t classes = job->outputs.network->outputs;
  for (size_t b = 0; b < examples->count; b++, outputs += classes) {
    uint32_t best = 0;
    for (uint32_t k = 1; k < classes; k++) {
      if (outputs[k] > outputs[best]) best = k;
    }
    job->answers[first + b] = best;
    if (!job->scores) continue;
    const double p = 1 / (1 + exp((double)outputs[0] - (double)outputs[1]));
    job->scores[first + b] = (measures_score){p, examples->labels[b]};
  }
}

static swale_status measures_chunk(void *self, size_t worker, size_t chunk) {
  const measures_job *job = self;
  const size_t m = job->outputs.network->outputs;
  swl_examples examples;
  const float *outputs = swl_outputs_of(&job->outputs, worker, job->x, job->table, chunk, &examples); /* (1) */
  if (!job->errors) {
    measures_classify(job, chunk * SWL_OUTPUTS_CHUNK, &examples, outputs);
    return SWALE_OK;
  }
  measures_error error = {0, 0};
  for (size_t i = 0; i < examples.count * m; i++) {
    const double scale = job->schema->target_scale ? job->schema->target_scale[i % m] : 1;
    const double away = ((double)outputs[i] - (double)examples.targets[i]) / scale;
    error.square += away * away;
    error.size += fabs(away);
  }
  job->errors[chunk] = error;
  return SWALE_OK;
}

/* (3) */
static void measures_of_classes(size_t classes, swl_measures *measures) {
  size_t present = 0, labels = 0;
  double precision = 0, recall = 0, f1 = 0;
  for (size_t k = 0; k < classes; k++) {
    swl_class_measures *of = &measures->of_class[k];
    for (size_t i = 0; i < classes; i++) {
      of->support += measures->confusion[k * classes + i];
      of->answered += measures->confusion[i * classes + k];
    }
    const double right = measures->confusion[k * classes + k], all = (double)(of->support + of->answered);
    of->precision = of->answered ? right / (double)of->answered : all > 0 ? 0 : NAN;
    of->recall = of->support ? right / (double)of->support : all > 0 ? 0 : NAN;
    of->f1 = all > 0 ? 2 * right / all : NAN;
    if (all <= 0) continue;
    present++;
    labels += of->support > 0;
    precision += of->precision;
    recall += of->recall;
    f1 += of->f1;
  }
  if (present == 0) return;
  measures->precision = precision / (double)present;
  measures->recall = recall / (double)present;
  measures->f1 = f1 / (double)present;
  measures->balanced_accuracy = recall / (double)labels; /* without labels a recall is 0 */
}

static int measures_order(const void *a, const void *b) {
  const double p = ((const measures_score *)a)->p, q = ((const measures_score *)b)->p;
  return (p > q) - (p < q);
}

/* (4) (Σ ranks of the second class - n1 (n1 + 1) / 2) / (n0 n1), ranks from 1. */
static double measures_auc(size_t count, measures_score *scores) {
  double sum = 0, positive = 0;
  for (size_t i = 0; i < count; i++) {
    if (isnan(scores[i].p)) return NAN;
    positive += scores[i].label;
  }
  qsort(scores, count, sizeof *scores, measures_order);
  for (size_t first = 0, end = 0; first < count; first = end) {
    size_t here = 0;
    for (end = first; end < count && scores[end].p <= scores[first].p; end++) here += scores[end].label;
    sum += (double)here * (double)(first + 1 + end) / 2;
  }
  const double pairs = positive * ((double)count - positive);
  return pairs > 0 ? (sum - positive * (positive + 1) / 2) / pairs : (double)NAN;
}

static swale_status measures_classes(swl_arena *arena, swl_team *team, measures_job *job, swl_measures *made) {
  const swl_table *table = job->table;
  const size_t classes = job->outputs.network->outputs;
  job->answers = swl_arena_take(arena, table->count, sizeof *job->answers);
  made->confusion = swl_arena_take(arena, classes * classes, sizeof *made->confusion);
  made->of_class = swl_arena_take(arena, classes, sizeof *made->of_class);
  if (classes == 2) job->scores = swl_arena_take(arena, table->count, sizeof *job->scores);
  if (!job->answers || !made->confusion || !made->of_class || (classes == 2 && !job->scores)) {
    return SWALE_ERROR_MEMORY;
  }
  SWL_TRY(swl_team_run(team, swl_outputs_chunks(table), measures_chunk, job));
  for (size_t b = 0; b < table->count; b++) made->confusion[table->labels[b] * classes + job->answers[b]]++; /* (2) */
  measures_of_classes(classes, made);
  if (job->scores) made->roc_auc = measures_auc(table->count, job->scores);
  return SWALE_OK;
}

/* (5) */
static swale_status measures_numbers(swl_arena *arena, swl_team *team, measures_job *job, swl_measures *made) {
  const size_t chunks = swl_outputs_chunks(job->table);
  const double numbers = (double)job->table->count * (double)job->outputs.network->outputs;
  measures_error sum = {0, 0};
  job->errors = swl_arena_take(arena, chunks, sizeof *job->errors);
  if (!job->errors) return SWALE_ERROR_MEMORY;
  SWL_TRY(swl_team_run(team, chunks, measures_chunk, job));
  for (size_t i = 0; i < chunks; i++) sum.square += job->errors[i].square, sum.size += job->errors[i].size;
  made->rmse = sqrt(sum.square / numbers);
  made->mae = sum.size / numbers;
  return SWALE_OK;
}

swale_status swl_measure(swl_arena *arena, swl_team *team, const swl_kernels *kernels, const swl_network *network,
                         const swl_schema *schema, const float *x, const swl_table *table, swl_measures *measures) {
  measures_job job = {.schema = schema, .x = x, .table = table};
  swl_measures made = SWL_MEASURES_NONE;
  SWL_TRY(swl_outputs_create(arena, network, kernels, swl_team_size(team), &job.outputs));
  SWL_TRY(table->labels ? measures_classes(arena, team, &job, &made) : measures_numbers(arena, team, &job, &made));
  *measures = made;
  return SWALE_OK;
}
