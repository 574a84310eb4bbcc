/* results.c - what was trained, and what came out? */
#include "options/table.h"
#include "report/sections.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* One row of the table; several keys where runs write one of them. */
typedef struct results_row {
  const char *title;
  const char *key; /* of the final record */
  enum { RESULTS_PERCENT, RESULTS_NUMBER, RESULTS_COUNT, RESULTS_TEXT, RESULTS_SECONDS } kind;
  int better; /* 1: more is better, -1: less is, 0: neither; the best is printed bold */
  int option; /* 1: what was chosen; where runs differ in it there is a row of all that they used */
} results_row;

static const results_row results_rows[] = {
    {"Test accuracy", "test_accuracy", RESULTS_PERCENT, 1, 0},
    {"Test R²", "test_r2", RESULTS_NUMBER, 1, 0},
    {"Test loss", "test_loss", RESULTS_NUMBER, -1, 0},
    {"Test balanced accuracy", "test_balanced_accuracy", RESULTS_PERCENT, 1, 0},
    {"Test F1, mean", "test_f1", RESULTS_NUMBER, 1, 0},
    {"Test ROC AUC", "test_roc_auc", RESULTS_NUMBER, 1, 0},
    {"Test RMSE", "test_rmse", RESULTS_NUMBER, -1, 0},
    {"Test MAE", "test_mae", RESULTS_NUMBER, -1, 0},
    {"Validation accuracy", "validation_accuracy", RESULTS_PERCENT, 1, 0},
    {"Validation R²", "validation_r2", RESULTS_NUMBER, 1, 0},
    {"Validation loss", "validation_loss", RESULTS_NUMBER, -1, 0},
    {"Training accuracy", "train_accuracy", RESULTS_PERCENT, 1, 0},
    {"Training R²", "train_r2", RESULTS_NUMBER, 1, 0},
    {"Training loss", "train_loss", RESULTS_NUMBER, -1, 0},
    {"Training time", "seconds", RESULTS_SECONDS, -1, 0},
    {"Updates", "updates", RESULTS_COUNT, 0, 0},
    {"Epochs", "epochs", RESULTS_NUMBER, 0, 0},
    {"Draws", "draws", RESULTS_COUNT, 0, 0},
    {"Model of update", "best_update", RESULTS_COUNT, 0, 0},
    {"Restores", "restored", RESULTS_COUNT, 0, 0},
    {"Losses not finite", "rejected", RESULTS_COUNT, 0, 0},
    {"Decrease held", "held", RESULTS_COUNT, 0, 0},
    {"Decrease undecided", "undecided", RESULTS_COUNT, 0, 0},
    {"Decrease violated", "violated", RESULTS_COUNT, 0, 0},
    {"Ended by", "stop", RESULTS_TEXT, 0, 0},
    {"Data", "data", RESULTS_TEXT, 0, 1},
    {"Model", "model", RESULTS_TEXT, 0, 1},
    {"Parameters", "dim", RESULTS_COUNT, 0, 0},
    {"Regularizer", "regularizer", RESULTS_TEXT, 0, 1},
    {"Sampler", "sampler", RESULTS_TEXT, 0, 1},
    {"Noise", "noise", RESULTS_TEXT, 0, 1},
    {"Optimizer", "optimizer", RESULTS_TEXT, 0, 1},
    {"Seed", "seed", RESULTS_COUNT, 0, 1},
    {"Threads", "threads", RESULTS_COUNT, 0, 0},
    {"Swale", "version", RESULTS_TEXT, 0, 0},
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
    const char *other = report->runs[run].final ? swl_record_text(report->runs[run].final, "data") : NULL;
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
  const int rare = strcmp(row->key, "restored") == 0 || strcmp(row->key, "rejected") == 0;
  for (size_t run = 0; run < report->count; run++) {
    const swl_report_run *one = &report->runs[run];
    if (!one->final) continue;
    if (row->kind == RESULTS_TEXT
            ? swl_record_text(one->final, row->key) != NULL
            : isfinite(swl_report_final(one, row->key)) && !(rare && swl_report_final(one, row->key) == 0)) {
      return 1;
    }
  }
  return 0;
}

/* 1 if the runs differ in it: then it is among the options in which they do. */
static int results_differs(const swl_report *report, const results_row *row) {
  const size_t option = row->option ? swl_option_find(row->key) : SWL_OPTION_COUNT;
  return option < SWL_OPTION_COUNT && swl_report_difference(report, option) == option;
}

static void results_line(swl_page *page, const swl_report *report, const results_row *row) {
  const double best = results_best(report, row);
  swl_page_print(page, "<tr><th scope=\"row\">%s</th>", row->title);
  for (size_t run = 0; run < report->count; run++) {
    const swl_report_run *one = &report->runs[run];
    const char *text = one->final ? swl_record_text(one->final, row->key) : NULL;
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
  static const results_row cards[] = {{"test accuracy", "test_accuracy", RESULTS_PERCENT, 0, 0},
                                      {"test R²", "test_r2", RESULTS_NUMBER, 0, 0},
                                      {"test loss", "test_loss", RESULTS_NUMBER, 0, 0},
                                      {"of training", "seconds", RESULTS_SECONDS, 0, 0},
                                      {"updates", "updates", RESULTS_COUNT, 0, 0},
                                      {"draws", "draws", RESULTS_COUNT, 0, 0}};
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
      const char *reason = swl_record_text(record, "reason");
      char text[3][SWL_SHORT_MAX];
      swl_page_put(page, "<tr><th scope=\"row\">");
      swl_report_name(page, report, run);
      swl_page_print(page, "</th><td>%s</td><td>%s</td><td>%s ×</td><td class=\"text\">",
                     swl_count_text(swl_record_real(record, "update"), text[0]),
                     swl_count_text(swl_record_real(record, "from_update"), text[1]),
                     swl_short_text(swl_record_real(record, "rate_factor"), text[2]));
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
