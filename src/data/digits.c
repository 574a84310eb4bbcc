/* digits.c - what does synthetic digit number i of a split look like?
 *
 * source: none; made for Swale so that training can be tried and tested without a download. Trained on all
 * 12000 by Adam, softmax regression reaches 90-91 % of the test set, 784-32-10 (ReLU) 97.5 %, 784-128-10 99.4 %.
 *
 *   (1) label = i mod 10; one of the four skeletons of digit_shapes.c
 *   (2) every control point is moved, then smoothed by a curve where the stroke is smooth
 *   (3) bend (a quadratic warp), anisotropic scale, shear, rotation, translation
 *   (4) ink = intensity × clamp(radius + 1/2 − distance to the nearest stroke), the distance in pixels
 *   (5) clutter: faint short strokes; noise: triangular, on every pixel; rounded to bytes 0 .. 255
 *
 * Randomness: the stream (seed 0, SWL_PURPOSE_DIGITS, update = i, draw = split, group = 0 shape, 1 noise). Only
 * + − × ÷ and square roots are used, so the bytes do not depend on a mathematical library. Cost: about 20 µs each.
 */
#include "data/source.h"

#include "data/digit_shapes.h"
#include "random/stream.h"

#include <math.h>
#include <string.h>

enum { DIGITS_PIXELS = SWL_DIGITS_SIDE * SWL_DIGITS_SIDE, DIGITS_CURVE_STEPS = 5 };

/* heuristic: chosen so that a linear classifier stays clearly behind a network, and both are far from chance */
#define DIGITS_JITTER 0.06 /* of a control point, in units of half the height */
#define DIGITS_BEND 0.13   /* of the quadratic warp */
#define DIGITS_HEIGHT 8.6  /* pixels from the center to the top, ± DIGITS_STRETCH of it */
#define DIGITS_STRETCH 0.17
#define DIGITS_SHEAR 0.27    /* ± pixels sideways per pixel downward */
#define DIGITS_TURN 0.13     /* ± tan(angle / 2): 15 degrees */
#define DIGITS_SHIFT 2.1     /* ± pixels */
#define DIGITS_CLUTTER_MAX 2 /* strokes */
#define DIGITS_NOISE 16.0    /* ± bytes, triangular */

/* Uniform numbers in the order of their use. */
typedef struct digits_source {
  swl_stream stream;
  uint64_t next;
} digits_source;

static double digits_between(digits_source *source, double low, double high) {
  return low + (high - low) * swl_uniform(&source->stream, source->next++);
}

/* What (3) does to a point: bend first, then point = center + matrix × bent. */
typedef struct digits_pose {
  double bend[4];
  double xx, xy, yx, yy; /* pixels per unit */
  double center_x, center_y;
} digits_pose;

static digits_pose digits_pose_draw(digits_source *source) {
  digits_pose pose;
  for (int i = 0; i < 4; i++) pose.bend[i] = digits_between(source, -DIGITS_BEND, DIGITS_BEND);
  const double height = DIGITS_HEIGHT * digits_between(source, 1 - DIGITS_STRETCH, 1 + DIGITS_STRETCH);
  const double width = DIGITS_HEIGHT * digits_between(source, 1 - DIGITS_STRETCH, 1 + DIGITS_STRETCH);
  const double shear = digits_between(source, -DIGITS_SHEAR, DIGITS_SHEAR);
  const double half = digits_between(source, -DIGITS_TURN, DIGITS_TURN);
  const double c = (1 - half * half) / (1 + half * half), s = 2 * half / (1 + half * half);
  pose.xx = c * width;
  pose.yx = s * width;
  pose.xy = (c * shear - s) * height;
  pose.yy = (s * shear + c) * height;
  pose.center_x = SWL_DIGITS_SIDE * 0.5 + digits_between(source, -DIGITS_SHIFT, DIGITS_SHIFT);
  pose.center_y = SWL_DIGITS_SIDE * 0.5 + digits_between(source, -DIGITS_SHIFT, DIGITS_SHIFT);
  return pose;
}

static swl_digit_point digits_place(const digits_pose *pose, swl_digit_point p) {
  const double x = p.x + pose->bend[0] * (p.y * p.y - 0.4) + pose->bend[1] * p.x * p.y;
  const double y = p.y + pose->bend[2] * (p.x * p.x - 0.1) + pose->bend[3] * p.x * p.y;
  return (swl_digit_point){pose->center_x + pose->xx * x + pose->xy * y, pose->center_y + pose->yx * x + pose->yy * y};
}

static int digits_first_pixel(double low) { return low < 0 ? 0 : (int)low; }

static int digits_last_pixel(double high) {
  return high < 0 ? -1 : high > SWL_DIGITS_SIDE - 1 ? SWL_DIGITS_SIDE - 1 : (int)high;
}

/* ink[pixel] = max(ink[pixel], level × coverage of a line from a to b with round ends) */
static void digits_line(double ink[DIGITS_PIXELS], swl_digit_point a, swl_digit_point b, double radius, double level) {
  const double reach = radius + 1;
  const double dx = b.x - a.x, dy = b.y - a.y, square = dx * dx + dy * dy;
  const int x0 = digits_first_pixel(fmin(a.x, b.x) - reach), x1 = digits_last_pixel(fmax(a.x, b.x) + reach);
  const int y0 = digits_first_pixel(fmin(a.y, b.y) - reach), y1 = digits_last_pixel(fmax(a.y, b.y) + reach);
  for (int y = y0; y <= y1; y++) {
    for (int x = x0; x <= x1; x++) {
      const double px = x + 0.5 - a.x, py = y + 0.5 - a.y;
      double t = square > 0 ? (px * dx + py * dy) / square : 0;
      t = t < 0 ? 0 : t > 1 ? 1 : t;
      const double ex = px - t * dx, ey = py - t * dy;
      double cover = radius + 0.5 - sqrt(ex * ex + ey * ey);
      if (cover <= 0) continue;
      cover = (cover > 1 ? 1 : cover) * level;
      double *pixel = &ink[y * SWL_DIGITS_SIDE + x];
      if (cover > *pixel) *pixel = cover;
    }
  }
}

/* Catmull-Rom: the cubic from b to c with the slopes (c - a) / 2 and (d - b) / 2 at its ends. */
static double digits_cubic(double a, double b, double c, double d, double t) {
  return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}

static void digits_stroke(double ink[DIGITS_PIXELS], const swl_digit_stroke *stroke, const digits_pose *pose,
                          digits_source *source, double radius, double level) {
  swl_digit_point p[SWL_STROKE_POINTS_MAX] = {{0}};
  for (int i = 0; i < stroke->count; i++) {
    p[i].x = stroke->points[i].x + digits_between(source, -DIGITS_JITTER, DIGITS_JITTER);
    p[i].y = stroke->points[i].y + digits_between(source, -DIGITS_JITTER, DIGITS_JITTER);
  }
  const int steps = stroke->smooth ? DIGITS_CURVE_STEPS : 1;
  for (int i = 0; i + 1 < stroke->count; i++) {
    const swl_digit_point before = p[i > 0 ? i - 1 : 0], after = p[i + 2 < stroke->count ? i + 2 : i + 1];
    swl_digit_point from = digits_place(pose, p[i]);
    for (int k = 1; k <= steps; k++) {
      swl_digit_point to = p[i + 1];
      if (k < steps) {
        const double t = (double)k / steps;
        to.x = digits_cubic(before.x, p[i].x, p[i + 1].x, after.x, t);
        to.y = digits_cubic(before.y, p[i].y, p[i + 1].y, after.y, t);
      }
      to = digits_place(pose, to);
      digits_line(ink, from, to, radius, level);
      from = to;
    }
  }
}

static void digits_clutter(double ink[DIGITS_PIXELS], digits_source *source) {
  const int strokes = (int)digits_between(source, 0, DIGITS_CLUTTER_MAX + 1);
  for (int i = 0; i < strokes; i++) {
    swl_digit_point a, b;
    a.x = digits_between(source, 0, SWL_DIGITS_SIDE);
    a.y = digits_between(source, 0, SWL_DIGITS_SIDE);
    b.x = a.x + digits_between(source, -5, 5);
    b.y = a.y + digits_between(source, -5, 5);
    const double radius = digits_between(source, 0.3, 0.9);
    const double level = digits_between(source, 0.15, 0.45); /* not within the call: order of arguments is open */
    digits_line(ink, a, b, radius, level);
  }
}

/* Each of the four words makes two noises of two bytes each: (sum - 255) / 255 is triangular on [-1, 1]. */
static void digits_quantize(const double ink[DIGITS_PIXELS], const swl_stream *noise, unsigned char *pixels) {
  uint32_t word[4] = {0};
  for (uint32_t i = 0; i < DIGITS_PIXELS; i++) {
    if (i % 8 == 0) {
      const uint32_t counter[4] = {i / 8, noise->draw, noise->update, noise->place};
      swl_philox4x32(counter, noise->key, word);
    }
    const uint32_t half = word[i % 8 / 2] >> (16 * (i % 2));
    const int sum = (int)(half & 255) + (int)(half >> 8 & 255);
    const double byte = 255 * ink[i] + DIGITS_NOISE / 255 * (sum - 255) + 0.5;
    pixels[i] = (unsigned char)(byte < 0 ? 0 : byte > 255 ? 255 : byte);
  }
}

static void digits_draw(swl_split split, size_t index, unsigned char *pixels, unsigned char *label) {
  digits_source source = {.stream = swl_stream_make(swl_philox(0), SWL_PURPOSE_DIGITS, index, (uint64_t)split, 0)};
  const swl_stream noise = swl_stream_make(swl_philox(0), SWL_PURPOSE_DIGITS, index, (uint64_t)split, 1);
  double ink[DIGITS_PIXELS] = {0};
  *label = (unsigned char)(index % 10);
  const int which = (int)digits_between(&source, 0, SWL_SHAPES_PER_DIGIT);
  const swl_digit_shape *shape = &swl_digit_shapes[*label][which];
  const digits_pose pose = digits_pose_draw(&source);
  const double radius = digits_between(&source, 0.7, 1.5), level = digits_between(&source, 0.65, 1);
  for (int i = 0; i < SWL_STROKES_MAX; i++) digits_stroke(ink, &shape->strokes[i], &pose, &source, radius, level);
  digits_clutter(ink, &source);
  digits_quantize(ink, &noise, pixels);
}

swale_status swl_digits_make(swale_context *context, swl_split split, size_t count, swl_images *images) {
  swl_images made = {.count = count, .height = SWL_DIGITS_SIDE, .width = SWL_DIGITS_SIDE};
  made.pixels = swl_allocate(context, count, DIGITS_PIXELS);
  if (made.pixels) made.labels = swl_allocate(context, count, 1);
  if (!made.labels) {
    swl_images_release(context, &made);
    return SWALE_ERROR_MEMORY;
  }
  for (size_t i = 0; i < count; i++) digits_draw(split, i, made.pixels + i * DIGITS_PIXELS, &made.labels[i]);
  *images = made;
  return SWALE_OK;
}
