/* digit_shapes.h - the skeletons of handwritten digits: strokes through control points. */
#ifndef SWL_DATA_DIGIT_SHAPES_H
#define SWL_DATA_DIGIT_SHAPES_H

#include <stddef.h>

enum { SWL_STROKES_MAX = 3, SWL_STROKE_POINTS_MAX = 13, SWL_SHAPES_PER_DIGIT = 4 };

/* x to the right and y downward; a digit fills about -0.55 .. 0.55 by -1 .. 1. */
typedef struct swl_digit_point {
  double x, y;
} swl_digit_point;

typedef struct swl_digit_stroke {
  int count;  /* control points; 0 = no stroke */
  int smooth; /* 1: a Catmull-Rom curve through them, 0: straight lines */
  swl_digit_point points[SWL_STROKE_POINTS_MAX];
} swl_digit_stroke;

typedef struct swl_digit_shape {
  swl_digit_stroke strokes[SWL_STROKES_MAX];
} swl_digit_shape;

extern const swl_digit_shape swl_digit_shapes[10][SWL_SHAPES_PER_DIGIT];

#endif
