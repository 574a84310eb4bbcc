/* results.c - what was trained, and what came out? */
#include "options/table.h"
#include "report/sections.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* One row of the table; several keys where runs write one of them. */
typedef struct results_row {
  const char *title;
  swl_record_key key; /* of the final record */
  enum { RESULTS_PERCENT, RESULTS_NUMBER, RESULTS_COUNT, RESULTS_TEXT, RESULTS_SECONDS } kind;
  int better; /* 1: more is better, -1: less is, 0: neither; the best is printed bold */
  int option; /* 1: what was chosen; where runs differ in it there is a row of all that they used */
} results_row;

static const results_row results_rows[] = {
    {"Test accuracy", SWL_KEY_TEST_ACCURACY, RESULTS_PERCENT, 1, 0},
    {"Test R²", SWL_KEY_TEST_R2, RESULTS_NUMBER, 1, 0},
    {"Test loss", SWL_KEY_TEST_LOSS, RESULTS_NUMBER, -1, 0},
    {"Test balanced accuracy", SWL_KEY_TEST_BALANCED_ACCURACY, RESULTS_PERCENT, 1, 0},
    {"Test F1, mean", SWL_KEY_TEST_F1, RESULTS_NUMBER, 1, 0},
    {"Test ROC AUC", SWL_KEY_TEST_ROC_AUC, RESULTS_NUMBER, 1, 0},
    {"Test RMSE", SWL_KEY_TEST_RMSE, RESULTS_NUMBER, -1, 0},
    {"Test MAE", SWL_KEY_TEST_MAE, RESULTS_NUMBER, -1, 0},
    {"Validation accuracy", SWL_KEY_VALIDATION_ACCURACY, RESULTS_PERCENT, 1, 0},
    {"Validation R²", SWL_KEY_VALIDATION_R2, RESULTS_NUMBER, 1, 0},
    {"Validation loss", SWL_KEY_VALIDATION_LOSS, RESULTS_NUMBER, -1, 0},
    {"Training accuracy", SWL_KEY_TRAIN_ACCURACY, RESULTS_PERCENT, 1, 0},
    {"Training R²", SWL_KEY_TRAIN_R2, RESULTS_NUMBER, 1, 0},
    {"Training loss", SWL_KEY_TRAIN_LOSS, RESULTS_NUMBER, -1, 0},
    {"Training time", SWL_KEY_SECONDS, RESULTS_SECONDS, -1, 0},
    {"Updates", SWL_KEY_UPDATES, RESULTS_COUNT, 0, 0},
    {"Epochs", SWL_KEY_EPOCHS, RESULTS_NUMBER, 0, 0},
    {"Draws", SWL_KEY_DRAWS, RESULTS_COUNT, 0, 0},
    {"Model of update", SWL_KEY_BEST_UPDATE, RESULTS_COUNT, 0, 0},
    {"Restores", SWL_KEY_RESTORED, RESULTS_COUNT, 0, 0},
    {"Losses not finite", SWL_KEY_REJECTED, RESULTS_COUNT, 0, 0},
    {"Decrease held", SWL_KEY_HELD, RESULTS_COUNT, 0, 0},
    {"Decrease undecided", SWL_KEY_UNDECIDED, RESULTS_COUNT, 0, 0},
    {"Decrease violated", SWL_KEY_VIOLATED, RESULTS_COUNT, 0, 0},
    {"Ended by", SWL_KEY_STOP, RESULTS_TEXT, 0, 0},
    {"Data", SWL_KEY_DATA, RESULTS_TEXT, 0, 1},
    {"Model", SWL_KEY_MODEL, RESULTS_TEXT, 0, 1},
    {"Parameters", SWL_KEY_DIM, RESULTS_COUNT, 0, 0},
    {"Regularizer", SWL_KEY_REGULARIZER, RESULTS_TEXT, 0, 1},
    {"Sampler", SWL_KEY_SAMPLER, RESULTS_TEXT, 0, 1},
    {"Noise", SWL_KEY_NOISE, RESULTS_TEXT, 0, 1},
    {"Optimizer", SWL_KEY_OPTIMIZER, RESULTS_TEXT, 0, 1},
    {"Seed", SWL_KEY_SEED, RESULTS_COUNT, 0, 1},
    {"Threads", SWL_KEY_THREADS, RESULTS_COUNT, 0, 0},
    {"Swale", SWL_KEY_VERSION, RESULTS_TEXT, 0, 0},
};

enum { RESULTS_ROWS = sizeof results_rows / sizeof *results_rows };

static void results_number(swl_page *page, const results_row *row, double value) {
  char text[SWL_SHORT_MAX];
  if (!isfinite(value)) {
    swl_page_put(page, "–");
  } else if (row->kind == RESULTS_PERCENT) {
    swl_page_print(page, "%.2f %%", 100 * value);
  } else if (row->kind == RESULTS_COUNT) {
    swl_page_put(page, swl_count_text(value, text));
  } else {
    swl_page_print(page, "%s%s", swl_short_text(value, text), row->kind == RESULTS_SECONDS ? " s" : "");
  }
}

/* 1 if all runs that ended are about the same data: only then one is better than another. */
static int results_comparable(const swl_report *report) {
  const char *data = NULL;
  for (size_t run = 0; run < report->count; run++) {
    const char *other = report->runs[run].final ? swl_key_text(report->runs[run].final, SWL_KEY_DATA) : NULL;
    if (data && other && strcmp(data, other) != 0) return 0;
    if (other) data = other;
  }
  return 1;
}

/* The value that is printed bold: NaN where fewer than two runs have one, or none is better. */
static double results_best(const swl_report *report, const results_row *row) {
  double best = (double)NAN;
  size_t count = 0;
  if (!row->better || !results_comparable(report)) return (double)NAN;
  for (size_t run = 0; run < report->count; run++) {
    const double value = swl_report_final(&report->runs[run], row->key);
    if (!isfinite(value)) continue;
    if (count == 0 || row->better * (value - best) > 0) best = value;
    count++;
  }
  return count > 1 ? best : (double)NAN;
}

/* 1 if a run has something to say in this row: a text, a number that is not 0 where most runs have 0. */
static int results_has(const swl_report *report, const results_row *row) {
  const int rare = row->key == SWL_KEY_RESTORED || row->key == SWL_KEY_REJECTED;
  for (size_t run = 0; run < report->count; run++) {
    const swl_report_run *one = &report->runs[run];
    if (!one->final) continue;
    if (row->kind == RESULTS_TEXT
            ? swl_key_text(one->final, row->key) != NULL
            : isfinite(swl_report_final(one, row->key)) && !(rare && swl_report_final(one, row->key) == 0)) {
      return 1;
    }
  }
  return 0;
}

/* 1 if the runs differ in it: then it is among the options in which they do. */
static int results_differs(const swl_report *report, const results_row *row) {
  const size_t option = row->option ? swl_option_find(swl_key_name(row->key)) : SWL_OPTION_COUNT;
  return option < SWL_OPTION_COUNT && swl_report_difference(report, option) == option;
}

static void results_line(swl_page *page, const swl_report *report, const results_row *row) {
  const double best = results_best(report, row);
  swl_page_print(page, "<tr><th scope=\"row\">%s</th>", row->title);
  for (size_t run = 0; run < report->count; run++) {
    const swl_report_run *one = &report->runs[run];
    const char *text = one->final ? swl_key_text(one->final, row->key) : NULL;
    const double value = swl_report_final(one, row->key);
    swl_page_put(page, value == best ? "<td class=\"best\">" : "<td>");
    if (row->kind == RESULTS_TEXT) {
      swl_page_text(page, text ? text : "–");
    } else {
      results_number(page, row, value);
    }
    swl_page_put(page, "</td>");
  }
  swl_page_put(page, "</tr>\n");
}

/* Large numbers for a single run: what one wants to know first. */
static void results_cards(swl_page *page, const swl_report_run *run) {
  static const results_row cards[] = {{"test accuracy", SWL_KEY_TEST_ACCURACY, RESULTS_PERCENT, 0, 0},
                                      {"test R²", SWL_KEY_TEST_R2, RESULTS_NUMBER, 0, 0},
                                      {"test loss", SWL_KEY_TEST_LOSS, RESULTS_NUMBER, 0, 0},
                                      {"of training", SWL_KEY_SECONDS, RESULTS_SECONDS, 0, 0},
                                      {"updates", SWL_KEY_UPDATES, RESULTS_COUNT, 0, 0},
                                      {"draws", SWL_KEY_DRAWS, RESULTS_COUNT, 0, 0}};
  swl_page_put(page, "<dl class=\"cards\">");
  for (size_t i = 0; i < sizeof cards / sizeof *cards; i++) {
    const double value = swl_report_final(run, cards[i].key);
    if (!isfinite(value)) continue;
    swl_page_print(page, "<div><dt>%s</dt><dd>", cards[i].title);
    results_number(page, &cards[i], value);
    swl_page_put(page, "</dd></div>");
  }
  swl_page_put(page, "</dl>\n");
}

static void results_notes(swl_page *page, const swl_report *report) {
  for (size_t run = 0; run < report->count; run++) {
    const swl_report_run *one = &report->runs[run];
    const char *notes[5];
    size_t count = 0;
    if (!one->final)
      notes[count++] = "The log has no final record: the run is still going on, or was ended from outside.";
    if (one->log.torn) notes[count++] = "The last line of the log is cut off; it was left out.";
    if (one->guessed) {
      notes[count++] =
          "The log does not say which options the run used: what is shown is what this version of Swale makes of "
          "its config.conf.";
    }
    if (!one->config) notes[count++] = "There is no config.conf.";
    if (one->model_gone) notes[count++] = one->model_gone;
    for (size_t i = 0; i < count; i++) {
      swl_page_put(page, "<p class=\"note\">");
      if (report->count > 1) {
        swl_report_name(page, report, run);
        swl_page_put(page, ": ");
      }
      swl_page_text(page, notes[i]);
      swl_page_put(page, "</p>\n");
    }
  }
}

/* When and why the runs went back. */
static void results_restores(swl_page *page, const swl_report *report) {
  size_t restored = 0;
  for (size_t run = 0; run < report->count; run++) restored += report->runs[run].restored_count;
  if (restored == 0) return;
  swl_page_put(page, "<h3>Restores</h3>\n<div class=\"wide\"><table><thead><tr><th>Run</th><th>Update</th><th>Back to"
                     "</th><th>Rate, of the given</th><th>Reason</th></tr></thead><tbody>\n");
  for (size_t run = 0; run < report->count; run++) {
    for (size_t i = 0; i < report->runs[run].restored_count; i++) {
      const swl_record *record = report->runs[run].restored[i];
      const char *reason = swl_key_text(record, SWL_KEY_REASON);
      char text[3][SWL_SHORT_MAX];
      swl_page_put(page, "<tr><th scope=\"row\">");
      swl_report_name(page, report, run);
      swl_page_print(page, "</th><td>%s</td><td>%s</td><td>%s ×</td><td class=\"text\">",
                     swl_count_text(swl_key_real(record, SWL_KEY_UPDATE), text[0]),
                     swl_count_text(swl_key_real(record, SWL_KEY_FROM_UPDATE), text[1]),
                     swl_short_text(swl_key_real(record, SWL_KEY_RATE_FACTOR), text[2]));
      swl_page_text(page, reason ? reason : "–");
      swl_page_put(page, "</td></tr>\n");
    }
  }
  swl_page_put(page, "</tbody></table></div>\n");
}

void swl_report_results(swl_page *page, const swl_report *report) {
  swl_page_put(page, "<section id=\"results\"><h2>Results</h2>\n");
  if (report->count == 1) results_cards(page, &report->runs[0]);
  results_notes(page, report);
  int any = swl_report_difference(report, 0) < SWL_OPTION_COUNT;
  for (size_t i = 0; i < RESULTS_ROWS; i++) any |= results_has(report, &results_rows[i]);
  if (any) {
    swl_page_print(page, "<div class=\"wide\"><table%s>", report->count == 1 ? " class=\"one\"" : "");
    if (report->count > 1) {
      swl_page_put(page, "<thead><tr><td></td>");
      swl_report_columns(page, report);
      swl_page_put(page, "</tr></thead>");
    }
    swl_page_put(page, "<tbody>\n");
    for (size_t i = 0; i < RESULTS_ROWS; i++) {
      if (results_has(report, &results_rows[i]) && !results_differs(report, &results_rows[i])) {
        results_line(page, report, &results_rows[i]);
      }
    }
    if (report->count > 1) swl_report_differences(page, report);
    swl_page_put(page, "</tbody></table></div>\n");
  }
  swl_report_seeds(page, report);
  results_restores(page, report);
  swl_page_put(page, "</section>\n");
}
