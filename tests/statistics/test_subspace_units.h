/* test_subspace_units.h - the layer below the outputs, as a test sees it: nothing here comes from src/noise.
 *
 * Under the noise s ξ, s = sqrt(tau) |(h, 1)| and |ξ| at most UNITS_MOST, a ReLU unit with clean pre-activation u only adds
 * if u > UNITS_MOST s, is silent if u < - UNITS_MOST s, and may bend else; a sign unit may flip or not. Clean passes are in
 * double; whatever else is random comes from the LCG of stage_number and Box and Muller 1958.
 */
#ifndef SWL_TESTS_SUBSPACE_UNITS_H
#define SWL_TESTS_SUBSPACE_UNITS_H

#include "test_subspace.h"

enum { UNITS_LAYER = 512 }; /* units of a layer, at most */

/* The largest normal number of src/random: the inverse distribution function at 2^-32, -6.2303, and its rounding. */
#define UNITS_MOST 6.2304

/* What the parameters of stage_start, or others, are changed to. */
typedef enum units_layout {
  UNITS_AS_IS,
  UNITS_PLACED,   /* biases of the layer: units j = 0, 1, 2 mod 3 only add, may bend, are silent, at every example */
  UNITS_TWINS,    /* placed, and the last output has the weights of the first */
  UNITS_NEAR,     /* placed, and nearly so: relative 1e-3 */
  UNITS_COMBINED, /* placed, and the last output's weights are half the first's minus twice the second's */
  UNITS_ZEROS,    /* placed, and no output sees unit 0; nothing reaches the first output */
  UNITS_ADDING,   /* all units only add, but each third, which is silent */
  UNITS_ADDING_TWINS,
  UNITS_ADDING_NEAR,
} units_layout;

typedef struct units_clean {
  double h[UNITS_LAYER], u[UNITS_LAYER]; /* inputs and pre-activations of the layer */
  double output[UNITS_LAYER];            /* of the network */
  double square;                         /* |(h, 1)|² */
} units_clean;
void units_pass(const swl_network *network, const float *x, const float *input, units_clean *clean);

typedef struct units_count {
  size_t adds, bends, silent;
} units_count;
units_count units_of(const swl_network *network, const float *x, const float *input, double tau);

/* Also centers the outputs by their biases, so that no loss is far from where its slope changes. */
void units_place(const swl_network *network, float *x, const swl_table *table, double tau, units_layout layout);

void units_normals(uint64_t *state, size_t count, double *z);

/* layer-samples of a network: `samples` for the layer below the outputs, 2 for the others. */
void units_samples(size_t depth, size_t samples, char *words, size_t size);

/* stage_open, and the parameters changed. tau and layer-samples come on top of `options`. */
void units_stage(stage *s, const char *spec, size_t count, const char *options, size_t samples, double tau,
                 units_layout layout);

#endif
