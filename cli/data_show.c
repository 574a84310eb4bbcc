/* data_show.c - see data_show.h. */
#include "data_show.h"

#include "messages.h"

#include <math.h>
#include <stdlib.h>

enum {
  SHOW_SPLITS = 3,
  SHOW_IMAGES_MAX = 6,
  SHOW_IMAGE_COLUMNS = 28,
  SHOW_ROWS = 5,
  SHOW_CLASSES_MAX = 40,
  SHOW_COLUMNS_MAX = 20,
  SHOW_NAME_COLUMNS = 16,
  SHOW_LINE_MAX = 64
};

static const char *const show_names[SHOW_SPLITS] = {"train", "validation", "test"};

static void show_head(const swale_data *data, const char *spec) {
  char features[CLI_NUMBER_MAX];
  cli_put(stdout, spec);
  printf(": %s features", cli_count((double)swale_data_features(data), features));
  if (swale_data_height(data) > 0) printf(" (images %zu x %zu)", swale_data_height(data), swale_data_width(data));
  printf(", %zu %s\n", swale_data_outputs(data),
         swale_data_classifies(data)     ? "classes"
         : swale_data_outputs(data) == 1 ? "number to predict"
                                         : "numbers to predict");
  if (swale_data_reason(data)) {
    printf("%s: %s\n", swale_data_classifies(data) ? "classify" : "regress", swale_data_reason(data));
  }
  fputc('\n', stdout);
}

/* What each column of the features is to a network. */
static void show_columns(const swale_data *data) {
  const size_t columns = swale_data_columns(data);
  if (columns == 0) return;
  fputs("\ncolumns\n", stdout);
  for (size_t k = 0; k < columns && k < SHOW_COLUMNS_MAX; k++) {
    const size_t texts = swale_data_column_texts(data, k);
    fputs("  ", stdout);
    cli_pad(stdout, swale_data_column_name(data, k), SHOW_NAME_COLUMNS);
    if (texts > 0) {
      printf(" %zu %s\n", texts, texts == 1 ? "text, an input" : "texts, an input each");
    } else {
      fputs(" numbers\n", stdout);
    }
  }
  if (columns > SHOW_COLUMNS_MAX) printf("  ... and %zu columns more\n", columns - SHOW_COLUMNS_MAX);
}

/* Columns of the names at the left, so that the longest of the classes that are shown fits. */
static size_t show_width(const swale_data *data) {
  size_t width = SHOW_NAME_COLUMNS;
  if (!swale_data_classifies(data)) return width;
  for (size_t i = 0; i < swale_data_outputs(data) && i < SHOW_CLASSES_MAX; i++) {
    const char *known = swale_data_class_name(data, i);
    const size_t columns = sizeof "  class" + (known ? cli_columns(known) : 0);
    if (columns > width) width = columns;
  }
  return width < SHOW_LINE_MAX ? width : SHOW_LINE_MAX;
}

static void show_line(const char *name, size_t width, const double numbers[SHOW_SPLITS]) {
  char text[CLI_NUMBER_MAX];
  cli_pad(stdout, name, width);
  for (int split = 0; split < SHOW_SPLITS; split++) printf(" %11s", cli_count(numbers[split], text));
  fputc('\n', stdout);
}

static void show_totals(const swale_data *data) {
  double counts[SHOW_SPLITS];
  const size_t width = show_width(data);
  printf("%-*s", (int)width, "examples");
  for (int split = 0; split < SHOW_SPLITS; split++) {
    printf(" %11s", show_names[split]);
    counts[split] = (double)swale_data_count(data, (swale_split)split);
  }
  fputc('\n', stdout);
  show_line("all", width, counts);
}

/* Examples per class (classes × splits). */
static int show_classes(const swale_data *data) {
  const size_t classes = swale_data_outputs(data);
  double(*counts)[SHOW_SPLITS] = calloc(classes, sizeof *counts);
  if (!counts) return -1;
  for (int split = 0; split < SHOW_SPLITS; split++) {
    for (size_t i = 0; i < swale_data_count(data, (swale_split)split); i++) {
      double label = 0.0;
      (void)swale_data_example(data, (swale_split)split, i, &label);
      counts[(size_t)label][split]++;
    }
  }
  for (size_t i = 0; i < classes && i < SHOW_CLASSES_MAX; i++) {
    char name[80], clean[80];
    const char *known = swale_data_class_name(data, i);
    snprintf(name, sizeof name, "  class %s", cli_clean(known ? known : "", clean, sizeof clean - 8));
    show_line(name, show_width(data), counts[i]);
  }
  if (classes > SHOW_CLASSES_MAX) printf("  ... and %zu classes more\n", classes - SHOW_CLASSES_MAX);
  free(counts);
  return 0;
}

/* Mean and range of the first number to predict. */
static void show_targets(const swale_data *data) {
  for (int split = 0; split < SHOW_SPLITS; split++) {
    const size_t count = swale_data_count(data, (swale_split)split);
    double sum = 0.0, least = INFINITY, most = -INFINITY;
    for (size_t i = 0; i < count; i++) {
      double target = 0.0;
      (void)swale_data_example(data, (swale_split)split, i, &target);
      sum += target;
      least = fmin(least, target);
      most = fmax(most, target);
    }
    if (count > 0) {
      char text[3][CLI_NUMBER_MAX];
      printf("  %s target: mean %s, from %s to %s\n", show_names[split], cli_measure(sum / (double)count, text[0]),
             cli_measure(least, text[1]), cli_measure(most, text[2]));
    }
  }
}

/* Mean brightness of the pixels behind one character; a character is twice as tall as wide. */
static char show_pixel(const swale_data *data, const float *image, size_t row, size_t column, double scale) {
  static const char ramp[] = " .:-=+*#%@";
  const size_t height = swale_data_height(data), width = swale_data_width(data);
  const size_t top = (size_t)((double)(2 * row) * scale), left = (size_t)((double)column * scale);
  size_t bottom = (size_t)((double)(2 * row + 2) * scale), right = (size_t)((double)(column + 1) * scale), count = 0;
  double sum = 0.0;
  if (right <= left) right = left + 1;
  if (bottom <= top) bottom = top + 1;
  for (size_t i = top; i < bottom && i < height; i++) {
    for (size_t j = left; j < right && j < width; j++, count++) sum += (double)image[i * width + j];
  }
  const double level = count > 0 ? sum / (double)count : 0.0;
  const int last = (int)sizeof ramp - 2;
  const int index = (int)(level * (last + 1));
  return ramp[index < 0 ? 0 : index > last ? last : index];
}

/* Line `row` of one image, or what it shows below its last line; `columns` wide at most. */
static void show_image_line(const swale_data *data, size_t index, size_t row, size_t rows, size_t columns, double scale,
                            char text[SHOW_LINE_MAX]) {
  double label = 0.0;
  const float *image = swale_data_example(data, SWALE_SPLIT_TRAIN, index, &label);
  if (row == rows) {
    const char *name = swale_data_class_name(data, (size_t)label);
    snprintf(text, SHOW_LINE_MAX, "class %.16s", name ? name : "");
    return;
  }
  size_t used = 0;
  for (; used < columns && used + 1 < SHOW_LINE_MAX; used++) text[used] = show_pixel(data, image, row, used, scale);
  text[used] = '\0';
}

/* The first training images, side by side. */
static void show_images(const swale_data *data) {
  const size_t width = swale_data_width(data), height = swale_data_height(data);
  const size_t count = swale_data_count(data, SWALE_SPLIT_TRAIN);
  const double scale = width > SHOW_IMAGE_COLUMNS ? (double)width / SHOW_IMAGE_COLUMNS : 1.0;
  const size_t columns = (size_t)ceil((double)width / scale), rows = (size_t)ceil((double)height / scale / 2.0);
  const size_t apart = columns + 2 > SHOW_NAME_COLUMNS ? columns + 2 : SHOW_NAME_COLUMNS;
  size_t images = cli_width(stdout) / apart;
  if (images > SHOW_IMAGES_MAX) images = SHOW_IMAGES_MAX;
  if (images > count) images = count;
  fputc('\n', stdout);
  for (size_t row = 0; row <= rows; row++) {
    char line[SHOW_IMAGES_MAX * SHOW_LINE_MAX], text[SHOW_LINE_MAX];
    size_t used = 0;
    for (size_t i = 0; i < images; i++) {
      show_image_line(data, i, row, rows, columns, scale, text);
      used += (size_t)snprintf(line + used, sizeof line - used, "%-*s", (int)apart, text);
    }
    while (used > 0 && line[used - 1] == ' ') used--;
    printf("%.*s\n", (int)used, line);
  }
}

static void show_input(double value) {
  enum { WIDTH = 10 };
  char text[CLI_NUMBER_MAX];
  if (cli_columns(cli_measure(value, text)) < WIDTH) {
    printf("%*s", (int)WIDTH, text);
  } else {
    printf("%*.4g", (int)WIDTH, value);
  }
}

static void show_rows(const swale_data *data) {
  const size_t features = swale_data_features(data), count = swale_data_count(data, SWALE_SPLIT_TRAIN);
  size_t most = (cli_width(stdout) - 24) / 10;
  if (most > features) most = features;
  printf("\nfirst training examples (inputs%s -> target)\n", most < features ? ", the first of them" : "");
  for (size_t i = 0; i < SHOW_ROWS && i < count; i++) {
    double target = 0.0;
    const float *inputs = swale_data_example(data, SWALE_SPLIT_TRAIN, i, &target);
    const char *known = swale_data_classifies(data) ? swale_data_class_name(data, (size_t)target) : NULL;
    for (size_t j = 0; j < most; j++) show_input((double)inputs[j]);
    if (most < features) fputs(" ...", stdout);
    if (known) {
      char clean[17];
      printf("  -> %s\n", cli_clean(known, clean, sizeof clean));
    } else {
      char text[CLI_NUMBER_MAX];
      printf("  -> %s\n", cli_measure(target, text));
    }
  }
}

int cli_data_show(const swale_data *data, const char *spec) {
  show_head(data, spec);
  show_totals(data);
  if (swale_data_classifies(data)) {
    if (show_classes(data) != 0) return -1;
  } else {
    show_targets(data);
  }
  show_columns(data);
  if (swale_data_height(data) > 0) {
    show_images(data);
  } else {
    show_rows(data);
  }
  return 0;
}
