/* assessment.c - see assessment.h. */
#include "problem/assessment.h"

#include "parallel/deal.h"
#include "problem/outputs.h"

#include <math.h>

struct swl_assessor {
  swl_outputs outputs;
  swl_team *team;
  swl_assessment_part *parts; /* one per chunk */
  const float *x;             /* of the current call */
  const swl_table *table;
};

swale_status swl_assessor_create(swl_arena *arena, const swl_network *network, const swl_kernels *kernels, size_t most,
                                 swl_team *team, swl_assessor **assessor) {
  swl_assessor *made = swl_arena_take(arena, 1, sizeof *made);
  if (!made) return SWALE_ERROR_MEMORY;
  made->team = team;
  made->parts = swl_arena_take(arena, most / SWL_OUTPUTS_CHUNK + 1, sizeof *made->parts);
  if (!made->parts) return SWALE_ERROR_MEMORY;
  SWL_TRY(swl_outputs_create(arena, network, kernels, swl_team_size(team), &made->outputs));
  *assessor = made;
  return SWALE_OK;
}

static double assessment_residual(const float *outputs, const float *targets, size_t count) {
  double sum = 0;
  for (size_t i = 0; i < count; i++) sum += ((double)targets[i] - outputs[i]) * ((double)targets[i] - outputs[i]);
  return sum;
}

void swl_assess_add(const swl_network *network, const float *outputs, const swl_examples *examples, double *losses,
                    swl_assessment_part *part) {
  const size_t count = examples->count;
  network->loss->evaluate(count, network->outputs, outputs, examples->labels, examples->targets, losses);
  swl_weigh_losses(count, examples->weights, 1, losses);
  double sum = 0;
  for (size_t i = 0; i < count; i++) sum += losses[i];
  part->loss += sum;
  if (examples->labels)
    part->correct += swl_network_correct(count, network->outputs, outputs, examples->labels);
  else
    part->residual += assessment_residual(outputs, examples->targets, count * network->outputs);
}

static swale_status assessment_chunk(void *self, size_t worker, size_t item) {
  swl_assessor *assessor = self;
  const swl_outputs *from = &assessor->outputs;
  swl_examples examples;
  swl_assessment_part part = {0};
  const float *outputs = swl_outputs_of(from, worker, assessor->x, assessor->table, item, &examples);
  swl_assess_add(from->network, outputs, &examples, from->losses[worker], &part);
  assessor->parts[item] = part;
  return SWALE_OK;
}

/* 1 - residual / Σ (target - mean of its column)² */
static double assessment_r2(double residual, const swl_table *table, size_t outputs) {
  double total = 0;
  for (size_t k = 0; k < outputs; k++) {
    double sum = 0, square = 0;
    for (size_t i = 0; i < table->count; i++) sum += table->targets[i * outputs + k];
    const double mean = sum / (double)table->count;
    for (size_t i = 0; i < table->count; i++) {
      square += (table->targets[i * outputs + k] - mean) * (table->targets[i * outputs + k] - mean);
    }
    total += square;
  }
  return total > 0 ? 1 - residual / total : NAN;
}

void swl_assess_finish(const swl_network *network, const swl_table *table, const swl_assessment_part *sum,
                       swl_assessment *assessment) {
  const double count = (double)table->count;
  double weight = table->weights ? 0 : count;
  for (size_t i = 0; table->weights && i < table->count; i++) weight += table->weights[i];
  assessment->count = table->count;
  assessment->loss = weight > 0 ? sum->loss / weight : NAN;
  if (!table->count)
    assessment->accuracy = NAN;
  else if (table->labels)
    assessment->accuracy = (double)sum->correct / count;
  else
    assessment->accuracy = assessment_r2(sum->residual, table, network->outputs);
}

swale_status swl_assess(swl_assessor *assessor, const float *x, const swl_table *table, swl_assessment *assessment) {
  const size_t chunks = swl_outputs_chunks(table);
  assessor->x = x;
  assessor->table = table;
  const swl_dealt output = SWL_DEALT(1, assessor->parts);
  SWL_TRY(swl_team_deal(assessor->team, chunks, chunks, assessment_chunk, assessor, 1, &output));
  swl_assessment_part sum = {0};
  for (size_t i = 0; i < chunks; i++) {
    sum.loss += assessor->parts[i].loss;
    sum.residual += assessor->parts[i].residual;
    sum.correct += assessor->parts[i].correct;
  }
  swl_assess_finish(assessor->outputs.network, table, &sum, assessment);
  return SWALE_OK;
}
