/* unit_images.c - what do the units of the first layer look at, where they look at an image?
 *
 * The weights of a unit as gray pixels: 128 is 0, black and white are minus and plus its largest weight. Shown are the
 * units with the largest weights (Euclidean norm), which are those that training moved most. Inputs are an image where
 * the data are (digits, mnist, idx) and their number is a square.
 */
#include "data/source.h"
#include "report/png.h"
#include "report/sections.h"

#include <math.h>

enum { WEIGHTS_ONE = 60, WEIGHTS_SEVERAL = 24 }; /* units shown of one run, of each of several */

static size_t images_side(const swl_report_run *run) {
  const char *data = run->resolved ? run->used.settings.data
                     : run->final  ? swl_key_text(run->final, SWL_KEY_DATA)
                                   : NULL;
  if (!run->model || !data) return 0;
  if (!swl_images_known(data)) return 0;
  const size_t inputs = run->model->network.inputs, side = (size_t)lround(sqrt((double)inputs));
  return side * side == inputs && side > 1 && side <= SWL_PNG_SIDE_MAX ? side : 0;
}

/* The weights that unit j gets from input i. */
static float images_at(const swl_model *model, size_t i, size_t j) {
  const swl_layer *layer = &model->network.layers[0];
  return model->x[layer->offset + i * layer->outputs + j];
}

static void images_norms(const swl_model *model, double *norms /* outputs */) {
  const swl_layer *layer = &model->network.layers[0];
  for (size_t i = 0; i < layer->inputs; i++) {
    for (size_t j = 0; j < layer->outputs; j++) {
      const double weight = (double)images_at(model, i, j);
      norms[j] += weight * weight;
    }
  }
}

/* The unit with the largest norm, which is taken out. */
static size_t images_next(double *norms, size_t count) {
  size_t best = 0;
  for (size_t j = 1; j < count; j++) {
    if (norms[j] > norms[best]) best = j;
  }
  norms[best] = -1;
  return best;
}

static void images_image(swl_page *page, const swl_model *model, size_t side, size_t unit, unsigned char *gray,
                         unsigned char *png) {
  double most = 0;
  for (size_t i = 0; i < side * side; i++) most = fmax(most, fabs((double)images_at(model, i, unit)));
  for (size_t i = 0; i < side * side; i++) {
    const double level = most > 0 ? (double)images_at(model, i, unit) / most : 0;
    gray[i] = (unsigned char)lround(127.5 + 127.5 * level);
  }
  swl_png_write(side, side, gray, png);
  swl_page_put(page, "<img src=\"data:image/png;base64,");
  swl_page_base64(page, png, swl_png_size(side, side));
  swl_page_print(page, "\" alt=\"unit %zu\" title=\"unit %zu, largest weight %.3g\" width=\"56\" height=\"56\">", unit,
                 unit, most);
}

static swale_status images_draw(swl_page *page, swl_arena *arena, const swl_report *report, size_t run) {
  const swl_model *model = report->runs[run].model;
  const size_t side = images_side(&report->runs[run]), units = model->network.layers[0].outputs;
  const size_t most = report->count > 1 ? WEIGHTS_SEVERAL : WEIGHTS_ONE, shown = units < most ? units : most;
  double *norms = swl_arena_take(arena, units, sizeof *norms);
  unsigned char *gray = swl_arena_take(arena, side * side, 1),
                *png = swl_arena_take(arena, swl_png_size(side, side), 1);
  if (!norms || !gray || !png) return SWALE_ERROR_MEMORY;
  images_norms(model, norms);
  if (report->count > 1) {
    swl_page_put(page, "<h3>");
    swl_report_name(page, report, run);
    swl_page_put(page, "</h3>");
  }
  swl_page_print(page, "<p class=\"note\">%s%zu of %zu units, those with the largest weights; %zu × %zu pixels.</p>",
                 shown < units ? "" : "All ", shown, units, side, side);
  swl_page_put(page, "<div class=\"tiles\">");
  for (size_t i = 0; i < shown; i++) images_image(page, model, side, images_next(norms, units), gray, png);
  swl_page_put(page, "</div>\n");
  return SWALE_OK;
}

swale_status swl_report_weights(swl_page *page, swl_arena *arena, const swl_report *report) {
  int any = 0;
  for (size_t run = 0; run < report->count; run++) any |= images_side(&report->runs[run]) > 0;
  if (!any) return SWALE_OK;
  swl_page_put(page, "<section id=\"weights\"><h2>First-layer weights</h2>\n<p>Gray is 0, white is the largest weight "
                     "of a unit, black the same below 0.</p>\n");
  for (size_t run = 0; run < report->count; run++) {
    if (images_side(&report->runs[run]) > 0) SWL_TRY(images_draw(page, arena, report, run));
  }
  swl_page_put(page, "</section>\n");
  return SWALE_OK;
}
