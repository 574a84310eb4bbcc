/* samplers.c - which sampler finds E_q X? Functions whose answer is known, losses only.
 * Build: cc samplers.c $(pkg-config --cflags --libs swale) -lm -o samplers
 *
 * f(x) = -log Σ_i w_i exp(-k |x - c_i|² / 2) has wells at c_i. With beta = tau = 1 and x = 0 the tilted density q is a
 * mixture of N(k c_i / (1 + k), I / (1 + k)) with weights in proportion to w_i exp(-k |c_i|² / (2 (1 + k))). One step
 * with optimizer = matching moves x = 0 to the estimate of E_q X. */
#include <math.h>
#include <stdio.h>
#include <swale/swale.h>

enum { SEEDS = 4 };

/* One well at (1, …, 1), or two of weights 0.7 and 0.3 at (1, 0) and (-1, 0). */
typedef struct wells {
  const char *name;
  size_t dim;
  double k;
  int two;
  double calls; /* losses evaluated */
} wells;

typedef struct way {
  const char *name, *sampler, *samples;
} way;

static int wells_loss(void *user, const float *x, double *loss) {
  wells *w = user;
  double square = 0;
  w->calls++;
  for (size_t i = 0; i < w->dim; i++) square += (x[i] - 1) * (x[i] - 1);
  *loss = w->k * square / 2;
  if (w->two) {
    const double a = w->k * (x[0] - 1) * (x[0] - 1) / 2, b = w->k * (x[0] + 1) * (x[0] + 1) / 2, low = fmin(a, b);
    *loss = low + w->k * x[1] * x[1] / 2 - log(0.7 * exp(low - a) + 0.3 * exp(low - b));
  }
  return 0;
}

/* E_q X in coordinate i. */
static double wells_mean(const wells *w, size_t i) {
  const double pull = w->k / (1 + w->k);
  return !w->two ? pull : i == 0 ? 0.4 * pull : 0;
}

/* *square: |x - E_q X|² / dim after one step of matching. Threads: 1, because wells_loss counts. */
static int wells_error(swale_context *context, wells *w, const way *by, int seed, double *square) {
  swale_options *options = NULL;
  swale_problem *problem = NULL;
  swale_trainer *trainer = NULL;
  const swale_function function = {.dim = w->dim, .loss = wells_loss, .user = w};
  char number[16];
  snprintf(number, sizeof number, "%d", seed);
  const int failed = swale_options_create(context, &options) || swale_options_set(options, "sampler", by->sampler) ||
                     swale_options_set(options, "optimizer", "matching") || swale_options_set(options, "tau", "1") ||
                     swale_options_set(options, "beta", "1") || swale_options_set(options, "samples", by->samples) ||
                     swale_options_set(options, "seed", number) || swale_options_set(options, "threads", "1") ||
                     swale_problem_create(context, &function, &problem) ||
                     swale_trainer_create(options, problem, &trainer) || swale_trainer_step(trainer);
  *square = 0;
  for (size_t i = 0; i < w->dim && !failed; i++) {
    const double off = swale_trainer_parameters(trainer)[i] - wells_mean(w, i);
    *square += off * off / (double)w->dim;
  }
  swale_trainer_destroy(trainer);
  swale_problem_destroy(problem);
  swale_options_destroy(options);
  return failed;
}

int main(void) {
  static const way ways[] = {{"importance 2000", "importance", "2000"},
                             {"importance 200000", "importance", "200000"},
                             {"pcn 32000", "pcn", "32000"},
                             {"elliptical 32000", "elliptical", "32000"},
                             {"tempered 2000", "tempered", "2000"}};
  wells all[] = {{"gentle, 10 parameters", 10, 1, 0, 0},
                 {"steep, 10 parameters", 10, 100, 0, 0},
                 {"steep, 100 parameters", 100, 100, 0, 0},
                 {"two steep wells, 2 parameters", 2, 100, 1, 0}};
  swale_context *context = NULL;
  int failed = swale_context_create(NULL, &context) != SWALE_OK;
  printf("error per parameter (losses evaluated)\n%-29s", "");
  for (size_t m = 0; m < sizeof ways / sizeof *ways; m++) printf(" %17s", ways[m].name);
  for (wells *w = all; w < all + sizeof all / sizeof *all && !failed; w++) {
    printf("\n%-29s", w->name);
    for (size_t m = 0; m < sizeof ways / sizeof *ways && !failed; m++) {
      double sum = 0, square = 0;
      w->calls = 0;
      for (int seed = 1; seed <= SEEDS && !failed; seed++, sum += square / SEEDS) {
        failed = wells_error(context, w, &ways[m], seed, &square);
      }
      printf(" %7.4f (%5.0f k)", sqrt(sum), w->calls / SEEDS / 1000);
    }
  }
  printf("\n");
  if (failed) fprintf(stderr, "%s\n", swale_context_message(context));
  swale_context_destroy(context);
  return failed;
}
