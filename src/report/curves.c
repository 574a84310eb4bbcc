/* curves.c - how did the runs go? Every figure once for each thing that it can be drawn against. */
#include "report/plot.h"
#include "report/sections.h"

#include <math.h>
#include <string.h>

enum { CURVES_LINES = 3, CURVES_WAYS = 3 };

#define CURVES_FLAT 8.0 /* heuristic */

typedef struct curves_figure {
  const char *title, *about;
  swl_record_key keys[CURVES_LINES]; /* of an evaluation; as many as there are */
  const char *words[CURVES_LINES];   /* what the lines are, where there are several */
  swl_record_key error;              /* of the first line; NONE = none */
  double scale;                      /* numbers are multiplied by it */
  int per_sample;                    /* 1: divided by the option `samples` */
  int must_change;                   /* 1: not drawn where it is the same number all the way */
} curves_figure;

static const curves_figure curves_figures[] = {
    {"Validation accuracy, %", "", {SWL_KEY_VALIDATION_ACCURACY}, {NULL}, SWL_KEY_NONE, 100, 0, 0},
    {"Validation R²",
     "1 is perfect; 0 is as good as the mean.",
     {SWL_KEY_VALIDATION_R2},
     {NULL},
     SWL_KEY_NONE,
     1,
     0,
     0},
    {"Loss",
     "Training: mean over the draws and updates since the evaluation before.",
     {SWL_KEY_VALIDATION_LOSS, SWL_KEY_TRAIN_LOSS},
     {"validation", "training"},
     SWL_KEY_NONE,
     1,
     0,
     0},
    {"Objective F / β",
     "In units of the loss; the band is ± one standard error of the last update's value.",
     {SWL_KEY_VALUE, SWL_KEY_TRAIN_VALUE},
     {"last update", "mean since the evaluation before"},
     SWL_KEY_VALUE_SE,
     1,
     0,
     0},
    {"ESS / N", "Share of the draws that carry the weights.", {SWL_KEY_ESS}, {NULL}, SWL_KEY_NONE, 1, 1, 0},
    {"Acceptance", "Share of the proposals that the chains took.", {SWL_KEY_ACCEPTANCE}, {NULL}, SWL_KEY_NONE, 1, 0, 0},
    {"Mixing time",
     "Steps of a chain from one independent draw to the next.",
     {SWL_KEY_MIXING_TIME},
     {NULL},
     SWL_KEY_NONE,
     1,
     0,
     0},
    {"Step of the chains", "", {SWL_KEY_CHAIN_STEP}, {NULL}, SWL_KEY_NONE, 1, 0, 1},
    {"Standard error of the mean", "Of E X, in units of √τ.", {SWL_KEY_MEAN_SE}, {NULL}, SWL_KEY_NONE, 1, 0, 0},
    {"Temperatures",
     "Stages from the Gaussian to the tilted density.",
     {SWL_KEY_STAGES},
     {NULL},
     SWL_KEY_NONE,
     1,
     0,
     1},
    {"Decrease of the objective",
     "Updates so far whose decrease was checked with fresh draws.",
     {SWL_KEY_HELD, SWL_KEY_UNDECIDED, SWL_KEY_VIOLATED},
     {"held", "undecided", "violated"},
     SWL_KEY_NONE,
     1,
     0,
     0},
    {"Length of the last step", "", {SWL_KEY_STEP}, {NULL}, SWL_KEY_NONE, 1, 0, 0},
    {"Rate", "", {SWL_KEY_RATE}, {NULL}, SWL_KEY_NONE, 1, 0, 1},
    {"β", "Inverse temperature.", {SWL_KEY_BETA}, {NULL}, SWL_KEY_NONE, 1, 0, 1},
    {"τ", "Variance of the noise per coordinate.", {SWL_KEY_TAU}, {NULL}, SWL_KEY_NONE, 1, 0, 1},
    {"Losses that were not finite", "So far.", {SWL_KEY_REJECTED}, {NULL}, SWL_KEY_NONE, 1, 0, 1},
};

enum { CURVES_FIGURES = sizeof curves_figures / sizeof *curves_figures };

typedef struct curves_way {
  swl_record_key key;
  const char *word;
} curves_way;

static const curves_way curves_ways[CURVES_WAYS] = {
    {SWL_KEY_UPDATE, "updates"}, {SWL_KEY_EPOCH, "epochs"}, {SWL_KEY_SECONDS, "seconds of training"}};

/* x[way][run] and y[run][line], with room for every evaluation of every run; nothing is taken between figures. */
typedef struct curves_data {
  const swl_report *report;
  double **x[CURVES_WAYS]; /* runs × evaluations */
  double **y, **error;     /* runs · CURVES_LINES × evaluations; runs × evaluations */
  swl_curve *curves;       /* runs · CURVES_LINES */
  swl_mark *marks;         /* restores of all runs */
} curves_data;

static double **curves_rows(swl_arena *arena, const swl_report *report, size_t per_run) {
  double **rows = swl_arena_take(arena, report->count * per_run, sizeof *rows);
  for (size_t i = 0; rows && i < report->count * per_run; i++) {
    rows[i] = swl_arena_take(arena, report->runs[i / per_run].evaluation_count, sizeof **rows);
    if (!rows[i]) return NULL;
  }
  return rows;
}

static swale_status curves_take(swl_arena *arena, const swl_report *report, curves_data *data) {
  size_t marks = 0;
  data->report = report;
  for (size_t run = 0; run < report->count; run++) marks += report->runs[run].restored_count;
  data->y = curves_rows(arena, report, CURVES_LINES);
  data->error = curves_rows(arena, report, 1);
  data->curves = swl_arena_take(arena, report->count * CURVES_LINES, sizeof *data->curves);
  data->marks = swl_arena_take(arena, marks, sizeof *data->marks);
  if (!data->y || !data->error || !data->curves || !data->marks) return SWALE_ERROR_MEMORY;
  for (size_t way = 0; way < CURVES_WAYS; way++) {
    data->x[way] = curves_rows(arena, report, 1);
    if (!data->x[way]) return SWALE_ERROR_MEMORY;
    for (size_t run = 0; run < report->count; run++) {
      for (size_t i = 0; i < report->runs[run].evaluation_count; i++) {
        data->x[way][run][i] = swl_report_real(&report->runs[run], i, curves_ways[way].key);
      }
    }
  }
  return SWALE_OK;
}

/* Where update `update` is on the axis `way`: between the evaluations around it, of which the first has (0, 0) before. */
static double curves_place(const curves_data *data, size_t way, size_t run, double update) {
  const double *updates = data->x[0][run], *x = data->x[way][run];
  double before = 0, place = 0;
  for (size_t i = 0; i < data->report->runs[run].evaluation_count; i++) {
    if (updates[i] >= update) {
      return updates[i] > before ? place + (x[i] - place) * (update - before) / (updates[i] - before) : x[i];
    }
    before = updates[i];
    place = x[i];
  }
  return place; /* after the last evaluation */
}

static size_t curves_marks(const curves_data *data, size_t way) {
  size_t count = 0;
  for (size_t run = 0; run < data->report->count; run++) {
    const swl_report_run *one = &data->report->runs[run];
    for (size_t i = 0; i < one->restored_count; i++) {
      const double update = swl_key_real(one->restored[i], SWL_KEY_UPDATE);
      data->marks[count++] = (swl_mark){curves_place(data, way, run, update), run};
    }
  }
  return count;
}

/* What the figure draws of one run: 1 if there is a finite number. *changes becomes 1 if they are not all the same. */
static int curves_fill(const curves_data *data, const curves_figure *figure, size_t run, size_t line, int *changes) {
  const swl_report_run *one = &data->report->runs[run];
  const double samples = one->resolved ? (double)one->used.settings.samples : (double)NAN;
  const double scale = figure->per_sample ? figure->scale / samples : figure->scale;
  double *y = data->y[run * CURVES_LINES + line], first = (double)NAN;
  int any = 0;
  for (size_t i = 0; i < one->evaluation_count; i++) {
    y[i] = scale * swl_report_real(one, i, figure->keys[line]);
    if (figure->error && line == 0) data->error[run][i] = scale * swl_report_real(one, i, figure->error);
    if (!isfinite(y[i])) continue;
    if (figure->per_sample && y[i] > 1) y[i] = 1; /* draws that repel each other count as no more than they are */
    if (any && y[i] != first) *changes = 1;
    if (!any) first = y[i];
    any = 1;
  }
  return any;
}

static size_t curves_lines(const curves_figure *figure) {
  size_t lines = 0;
  while (lines < CURVES_LINES && figure->keys[lines]) lines++;
  return lines;
}

/* The curves of a figure, x still to be set: how many. A second line that is the first one again is left out. */
static size_t curves_gather(curves_data *data, const curves_figure *figure) {
  const size_t lines = curves_lines(figure);
  size_t count = 0;
  int changes = !figure->must_change;
  for (size_t run = 0; run < data->report->count; run++) {
    for (size_t line = 0; line < lines; line++) {
      if (!curves_fill(data, figure, run, line, &changes)) continue;
      data->curves[count] = (swl_curve){.count = data->report->runs[run].evaluation_count,
                                        .y = data->y[run * CURVES_LINES + line],
                                        .error = figure->error && line == 0 ? data->error[run] : NULL,
                                        .color = run,
                                        .style = (int)line};
      count++;
    }
  }
  return changes ? count : 0;
}

/* 1 if one run is so far above another that a linear axis would show that one as a line at its bottom. */
static int curves_flatten(const curves_data *data, size_t count) {
  double least = INFINITY, most = 0;
  for (size_t i = 0; i < count; i++) {
    double top = 0;
    for (size_t k = 0; k < data->curves[i].count; k++) {
      if (isfinite(data->curves[i].y[k])) top = fmax(top, data->curves[i].y[k]);
    }
    least = fmin(least, top);
    most = fmax(most, top);
  }
  return data->report->count > 1 && most > CURVES_FLAT * least;
}

/* What the colors and the dashes mean, where there are several. */
static void curves_legend(swl_page *page, const curves_data *data, const curves_figure *figure, size_t count) {
  const swl_report *report = data->report;
  if (report->count < 2 && curves_lines(figure) < 2) return;
  swl_page_put(page, "<p class=\"legend\">");
  for (size_t run = 0; report->count > 1 && run < report->count; run++) {
    int drawn = 0;
    for (size_t i = 0; i < count; i++) drawn |= data->curves[i].color == run;
    if (drawn) swl_report_name(page, report, run);
    if (drawn) swl_page_put(page, " ");
  }
  for (size_t line = 0; line < curves_lines(figure) && curves_lines(figure) > 1; line++) {
    swl_page_print(page,
                   "<span class=\"run\"><svg class=\"key\" viewBox=\"0 0 26 8\" aria-hidden=\"true\"><path "
                   "class=\"line plain s%zu\" d=\"M1 4h24\"/></svg>%s</span> ",
                   line, figure->words[line]);
  }
  swl_page_put(page, "</p>");
}

static void curves_draw(swl_page *page, curves_data *data, const curves_figure *figure) {
  const size_t count = curves_gather(data, figure);
  if (count == 0) return;
  swl_page_print(page, "<figure><figcaption><b>%s</b>%s%s</figcaption>", figure->title, *figure->about ? " " : "",
                 figure->about);
  curves_legend(page, data, figure, count);
  for (size_t way = 0; way < CURVES_WAYS; way++) {
    for (size_t i = 0; i < count; i++) data->curves[i].x = data->x[way][data->curves[i].color];
    const swl_plot plot = {.title = figure->title,
                           .x_title = curves_ways[way].word,
                           .from_zero = 1,
                           .flattened = curves_flatten(data, count),
                           .curve_count = count,
                           .mark_count = curves_marks(data, way),
                           .curves = data->curves,
                           .marks = data->marks};
    if (!swl_plot_draw(page, &plot, swl_key_name(curves_ways[way].key))) {
      swl_page_print(page, "<p class=\"plot by-%s note\">The log does not say after how many %s.</p>",
                     swl_key_name(curves_ways[way].key), curves_ways[way].word);
    }
  }
  swl_page_put(page, "</figure>\n");
}

swale_status swl_report_curves(swl_page *page, swl_arena *arena, const swl_report *report) {
  curves_data data = {.report = report};
  size_t evaluations = 0, restored = 0;
  for (size_t run = 0; run < report->count; run++) {
    evaluations += report->runs[run].evaluation_count;
    restored += report->runs[run].restored_count;
  }
  if (evaluations == 0) return SWALE_OK;
  SWL_TRY(curves_take(arena, report, &data));
  swl_page_put(page, "<section id=\"curves\"><h2>Curves</h2>\n");
  for (size_t way = 0; way < CURVES_WAYS; way++) {
    const char *name = swl_key_name(curves_ways[way].key);
    swl_page_print(page, "<input type=\"radio\" name=\"x\" id=\"x-%s\"%s><label for=\"x-%s\">%s</label>\n", name,
                   way == 0 ? " checked" : "", name, curves_ways[way].word);
  }
  if (restored) {
    swl_page_put(page, "<p class=\"note\">A vertical line marks where a run went back to its last good state.</p>");
  }
  swl_page_put(page, "<div class=\"grid\">\n");
  for (size_t i = 0; i < CURVES_FIGURES; i++) curves_draw(page, &data, &curves_figures[i]);
  swl_page_put(page, "</div></section>\n");
  return SWALE_OK;
}
