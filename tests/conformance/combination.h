/* combination.h - every way to put a trainer together, from the registry and the option table: no variant is named
 * here.
 *
 * A combination is one variant of each kind, and one word of each choice or flag in the option groups "method" and
 * "sampling". Registering a variant, or adding such an option, adds its combinations. Those that the option table
 * allows are numbered; that the others are refused with a sentence is checked when they are first counted.
 */
#ifndef SWL_TESTS_COMBINATION_H
#define SWL_TESTS_COMBINATION_H

#include "check.h"

#include <swale/registry.h>
#include <swale/trainer.h>

enum { COMBINATION_TEXT = 512 };

size_t combination_count(void);
void combination_text(size_t index, char text[COMBINATION_TEXT]); /* "name=value name=value …" */

/* Set each "name=value"; with `back` one that does not go with what is set so far is set back. */
void combination_set(swale_context *context, swale_options *options, const char *words, int back);

/* What the loss of a scene is: scale Σ (i+1) (x_i - 0.3)²/2 + shift, its gradient plus slope. */
typedef struct weather {
  const char *name;
  double scale, shift, slope;
  int holes; /* 1: but NaN where x_0 > 0.4, inf where x_1 > 0.6, -inf where x_2 < -0.5 */
  enum { WEATHER_ANY, WEATHER_GOOD, WEATHER_BAD } ends; /* good: every step of usual options succeeds; bad: none does */
} weather;
extern const weather weathers[];
extern const size_t weather_count;
const weather *weather_find(const char *name);

/* Everything a trainer needs, on a counting allocator. */
typedef struct scene {
  counting_allocator counting;
  swale_context *context;
  swale_options *options;
  swale_problem *problem;
  swale_trainer *trainer; /* NULL where creation failed */
  swale_status status;    /* of the creation */
  size_t dim;
  const weather *weather;
  size_t calls, fail_at; /* calls of the loss and the gradient (one thread only); the one that returns 7; 0 = none */
} scene;

/* A trainer of the combination at x_i = 0.1 (i % 5), or none and s->status says why. Those of `extras` that do not
 * apply to it are left at their defaults. */
void scene_make(scene *s, const char *combination, const char *extras, size_t dim, const char *now, size_t fail_at);
void scene_open(scene *s, const char *combination, const char *extras,
                size_t dim); /* in fine weather, no trainer yet */
void scene_create(scene *s); /* the trainer of an open scene; s->status */
void scene_free(scene *s);   /* checks that nothing is left allocated */

extern int scene_joins; /* 1: contexts join the ranks of mpirun */
int scene_loss(void *self, const float *x, double *loss);
void scene_check_error(swale_context *context, swale_status status); /* USAGE or UNSUPPORTED, with a sentence */

/* A step that succeeds, or fails numerically and leaves x as it was, with a sentence; x is finite, no statistic is
 * infinite, and in good weather the loss is a number. Returns 1 if it succeeded. */
int scene_step(scene *s, const char *what);

#endif
