/* combination.h - every way to put a trainer together, from the registry and the option table: no variant is named
 * here.
 *
 * A combination is one variant of each kind, and one word of each choice or flag in the option groups "method" and
 * "sampling". Registering a variant, or adding such an option, adds its combinations.
 */
#ifndef SWL_TESTS_COMBINATION_H
#define SWL_TESTS_COMBINATION_H

#include "check.h"

#include <swale/registry.h>
#include <swale/trainer.h>

enum { COMBINATION_TEXT = 512 };

size_t combination_count(void);
void combination_text(size_t index, char text[COMBINATION_TEXT]); /* "name=value name=value …" */

/* What the loss of a scene does: f = Σ (i+1) (x_i - 0.3)²/2 … */
typedef enum weather {
  WEATHER_FINE,
  WEATHER_HOLES, /* … but NaN where x_0 > 0.4, inf where x_1 > 0.6, -inf where x_2 < -0.5 */
  WEATHER_EQUAL, /* 1 everywhere, gradient 0 */
  WEATHER_NAN,   /* NaN everywhere */
  WEATHER_STEEP, /* times 1e30 */
  WEATHER_COUNT
} weather;

/* Everything a trainer needs, on a counting allocator. */
typedef struct scene {
  counting_allocator counting;
  swale_context *context;
  swale_options *options;
  swale_problem *problem;
  swale_trainer *trainer; /* NULL where creation failed */
  swale_status status;    /* of the creation */
  size_t dim;
  weather weather;
  size_t calls, fail_at; /* calls of the loss and the gradient (one thread only); the one that returns 7; 0 = none */
} scene;

/* The combination's options must be legal together (0 is returned, and the message checked, if they are not). Those of
 * `extras` that do not apply to it are left at their defaults. Then the trainer, and x_i = 0.1 (i % 5). */
int scene_make(scene *s, const char *combination, const char *extras, size_t dim, weather now, size_t fail_at);
int scene_open(scene *s, const char *combination, const char *extras, size_t dim, weather now); /* no trainer yet */
void scene_create(scene *s); /* the trainer of an open scene; s->status */
void scene_free(scene *s);   /* checks that nothing is left allocated */

extern int scene_joins; /* 1: contexts join the ranks of mpirun */
int scene_loss(void *self, const float *x, double *loss);
void scene_check_error(const scene *s, swale_status status); /* USAGE or UNSUPPORTED, with a sentence */

#endif
