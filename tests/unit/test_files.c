/* test_files.c - output (beside, synced, renamed), folders, and lines of JSON. */
#include "check.h"

#include "files/jsonl.h"
#include "files/output.h"
#include "files/run_files.h"
#include "files/tfevents.h"
#include "options/number.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

typedef struct fixture {
  counting_allocator counting;
  swale_context *context;
  char folder[64], path[128], partial[160];
} fixture;

static int setup(void **state) {
  fixture *f = calloc(1, sizeof *f);
  f->context = check_context(&f->counting);
  check_folder(f->folder);
  snprintf(f->path, sizeof f->path, "%s/file", f->folder);
  snprintf(f->partial, sizeof f->partial, "%s.partial", f->path);
  *state = f;
  return 0;
}

static int teardown(void **state) {
  fixture *f = *state;
  check_remove(f->folder);
  check_context_gone(&f->counting, f->context);
  free(f);
  return 0;
}

static void file_holds(const char *path, const char *text) {
  char got[256] = "";
  FILE *stream = fopen(path, "rb");
  assert_non_null(stream);
  got[fread(got, 1, sizeof got - 1, stream)] = '\0';
  fclose(stream);
  assert_string_equal(got, text);
}

/* The longest path that Linux takes has 4095 bytes; "/log.jsonl" has 10 of them. */
static void files_of_a_run_have_paths(void **state) {
  const fixture *f = *state;
  const char *const folders[][2] = {
      {"runs/1", "runs/1/log.jsonl"}, {"runs/1//", "runs/1/log.jsonl"}, {"/", "/log.jsonl"}, {"//", "/log.jsonl"}};
  char path[SWL_PATH_MAX] = "", longest[4095 - 10 + 2];
  for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
    check_ok(f->context, swl_run_file(f->context, folders[i][0], SWL_RUN_LOG, path));
    assert_string_equal(path, folders[i][1]);
  }
  memset(longest, 'a', sizeof longest - 1);
  longest[sizeof longest - 1] = '\0';
  check_fails(f->context, swl_run_file(f->context, longest, SWL_RUN_LOG, path), SWALE_ERROR_USAGE,
              "the path of a run folder has 4086 bytes; allowed are 1 to 4085");
  check_ok(f->context, swl_run_file(f->context, longest + 1, SWL_RUN_LOG, path));
  assert_int_equal(strlen(path), 4095);
  check_fails(f->context, swl_run_file(f->context, "", SWL_RUN_LOG, path), SWALE_ERROR_USAGE, "has 0 bytes");
}

static void output_replaces_at_the_commit(void **state) {
  fixture *f = *state;
  swl_output output;
  check_write(f->path, "old", 3);
  check_ok(f->context, swl_output_open(f->context, f->path, &output));
  check_ok(f->context, swl_output_put(f->context, &output, "new", 3));
  assert_true(fprintf(output.stream, " text") > 0);
  file_holds(f->path, "old");
  assert_int_equal(access(f->partial, F_OK), 0);
  check_ok(f->context, swl_output_commit(f->context, &output));
  file_holds(f->path, "new text");
  assert_int_equal(access(f->partial, F_OK), -1);
  swl_output_abandon(&output); /* after a commit it has nothing to do */
  file_holds(f->path, "new text");
}

static void output_abandoned_leaves_nothing(void **state) {
  fixture *f = *state;
  swl_output output;
  check_write(f->path, "old", 3);
  check_write(f->partial, "left by a run that was killed", 29);
  check_ok(f->context, swl_output_open(f->context, f->path, &output));
  check_ok(f->context, swl_output_put(f->context, &output, "new", 3));
  swl_output_abandon(&output);
  file_holds(f->path, "old");
  assert_int_equal(access(f->partial, F_OK), -1);
}

/* Two writers of one path at the same time, as evaluate and report are: the last to commit wins, both are whole. */
static void output_writers_share_no_file(void **state) {
  fixture *f = *state;
  swl_output first, second, third;
  check_ok(f->context, swl_output_open(f->context, f->path, &first));
  check_ok(f->context, swl_output_open(f->context, f->path, &second));
  assert_string_not_equal(first.partial, second.partial);
  check_ok(f->context, swl_output_put(f->context, &first, "first", 5));
  check_ok(f->context, swl_output_put(f->context, &second, "the second", 10));
  check_ok(f->context, swl_output_commit(f->context, &first));
  file_holds(f->path, "first");
  check_ok(f->context, swl_output_open(f->context, f->path, &third)); /* the name of the first is free again */
  assert_string_equal(third.partial, f->partial);
  check_ok(f->context, swl_output_commit(f->context, &second));
  file_holds(f->path, "the second");
  assert_int_equal(access(third.partial, F_OK), 0);
  swl_output_abandon(&third);
  file_holds(f->path, "the second");
}

static void output_refuses_bad_paths(void **state) {
  fixture *f = *state;
  swl_output output;
  char missing[160], beyond[160], longest[1200];
  snprintf(missing, sizeof missing, "%s/none/file", f->folder);
  check_fails(f->context, swl_output_open(f->context, missing, &output), SWALE_ERROR_IO,
              "/none/file': No such file or directory");
  check_write(f->path, "x", 1);
  snprintf(beyond, sizeof beyond, "%s/file", f->path);
  check_fails(f->context, swl_output_open(f->context, beyond, &output), SWALE_ERROR_IO, "Not a directory");
  check_fails(f->context, swl_output_open(f->context, f->folder, &output), SWALE_ERROR_IO,
              "it is a folder, not a file");
  check_fails(f->context, swl_output_open(f->context, "/dev/null", &output), SWALE_ERROR_IO, "it is a device");
  check_fails(f->context, swl_output_open(f->context, "", &output), SWALE_ERROR_USAGE, "empty");
  memset(longest, 'a', sizeof longest);
  longest[sizeof longest - 1] = '\0';
  check_fails(f->context, swl_output_open(f->context, longest, &output), SWALE_ERROR_USAGE, "at most 1023");
  assert_int_equal(symlink("/dev/null", f->partial), 0); /* a link left in our way is not followed */
  check_fails(f->context, swl_output_open(f->context, f->path, &output), SWALE_ERROR_IO, "/file': ");
  file_holds(f->path, "x");
}

static void output_in_a_read_only_folder(void **state) {
  fixture *f = *state;
  swl_output output;
  const uid_t user = geteuid();
  check_write(f->path, "old", 3);
  assert_int_equal(chmod(f->folder, 0555), 0);
  if (user == 0) assert_int_equal(seteuid(65534), 0); /* root may write anywhere, nobody may not */
  check_fails(f->context, swl_output_open(f->context, f->path, &output), SWALE_ERROR_IO, "/file': Permission denied");
  if (user == 0) assert_int_equal(seteuid(user), 0);
  assert_int_equal(chmod(f->folder, 0700), 0);
  file_holds(f->path, "old");
}

/* A disk that fills up, without a disk: a file may not grow beyond `bytes` in this process (EFBIG for ENOSPC). */
static void limit_file_size(rlim_t bytes) {
  struct rlimit limit;
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
  limit.rlim_cur = bytes == 0 ? limit.rlim_max : bytes;
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void output_on_a_full_disk(void **state) {
  fixture *f = *state;
  swl_output output;
  static char bytes[100000];
  signal(SIGXFSZ, SIG_IGN);
  check_write(f->path, "old", 3);
  const size_t sizes[] = {10, 100000}; /* less than stdio's buffer: fails at the commit; more: at the put */
  for (size_t i = 0; i < 2; i++) {
    check_ok(f->context, swl_output_open(f->context, f->path, &output));
    limit_file_size(8);
    swale_status status = swl_output_put(f->context, &output, bytes, sizes[i]);
    if (status == SWALE_OK) status = swl_output_commit(f->context, &output);
    swl_output_abandon(&output);
    limit_file_size(0);
    check_fails(f->context, status, SWALE_ERROR_IO, "/file': File too large");
    file_holds(f->path, "old");
    assert_int_equal(access(f->partial, F_OK), -1);
  }
  check_ok(f->context, swl_output_open(f->context, f->path, &output));
  limit_file_size(8);
  for (size_t i = 0; i < 5000; i++) fputs("a writer that does not look", output.stream);
  limit_file_size(0);
  check_fails(f->context, swl_output_commit(f->context, &output), SWALE_ERROR_IO, "cannot write '");
  file_holds(f->path, "old");
  assert_int_equal(access(f->partial, F_OK), -1);
}

static void folders(void **state) {
  fixture *f = *state;
  char deep[160], below[160];
  snprintf(deep, sizeof deep, "%s/a//b/c/", f->folder);
  check_ok(f->context, swl_folder_create(f->context, deep));
  assert_int_equal(access(deep, W_OK), 0);
  check_fails(f->context, swl_folder_create(f->context, deep), SWALE_ERROR_EXISTS, "/a//b/c/' exists already");
  check_write(f->path, "x", 1);
  check_fails(f->context, swl_folder_create(f->context, f->path), SWALE_ERROR_EXISTS, "exists already");
  snprintf(below, sizeof below, "%s/d", f->path);
  check_fails(f->context, swl_folder_create(f->context, below), SWALE_ERROR_IO, "Not a directory");
  check_fails(f->context, swl_folder_create(f->context, ""), SWALE_ERROR_USAGE, "empty");
  check_fails(f->context, swl_folder_create(f->context, "/"), SWALE_ERROR_EXISTS, "exists already");
}

static void json_lines_in_words(void **state) {
  fixture *f = *state;
  const swl_field fields[] = {{.name = "a", .type = SWL_FIELD_REAL, .real = 0.1},
                              {.name = "b", .type = SWL_FIELD_REAL, .real = NAN},
                              {.name = "c", .type = SWL_FIELD_REAL, .real = -INFINITY},
                              {.name = "d", .type = SWL_FIELD_INTEGER, .integer = INT64_MIN},
                              {.name = "e", .type = SWL_FIELD_TEXT, .text = "say \"hi\"\\\n\x01\x7f"},
                              {.name = "f", .type = SWL_FIELD_TEXT, .text = NULL},
                              {.name = "g", .type = SWL_FIELD_FLAG, .integer = 1},
                              {.name = "h", .type = SWL_FIELD_FLAG, .integer = 0},
                              {.name = "i\"", .type = SWL_FIELD_REAL, .real = 1e300}};
  const char *wanted =
      "{\"a\":0.1,\"b\":null,\"c\":null,\"d\":-9223372036854775808,\"e\":\"say \\\"hi\\\"\\\\\\u000a\\u0001"
      "\\u007f\",\"f\":null,\"g\":true,\"h\":false,\"i\\\"\":1e+300}\n";
  char text[512] = "untouched";
  const size_t length = strlen(wanted);
  check_fails(f->context, swl_json_line(f->context, fields, 9, text, length), SWALE_ERROR_USAGE, "bytes");
  assert_string_equal(text, "untouched");
  check_ok(f->context, swl_json_line(f->context, fields, 9, text, length + 1)); /* exactly enough */
  assert_string_equal(text, wanted);
  check_ok(f->context, swl_json_line(f->context, NULL, 0, text, 4));
  assert_string_equal(text, "{}\n");
}

/* jansson as the other side: what it reads is what was written, for every byte and for numbers of all sizes. */
static void json_lines_read_back(void **state) {
  fixture *f = *state;
  char text[2048];
  for (unsigned byte = 1; byte < 256; byte++) {
    const char odd[] = {'x', (char)byte, 'y', '\0'};
    const swl_field field = {.name = "t", .type = SWL_FIELD_TEXT, .text = odd};
    check_ok(f->context, swl_json_line(f->context, &field, 1, text, sizeof text));
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(json);
    const char *expected = byte < 0x80 ? odd : "x\xef\xbf\xbdy"; /* alone, no byte above 0x7f is UTF-8 */
    assert_string_equal(json_string_value(json_object_get(json, "t")), expected);
    json_decref(json);
  }
  const char *const utf8[] = {"é", "€", "😀", "\xc2\x80", "\xed\x9f\xbf", "\xf4\x8f\xbf\xbf"};
  const char *const not_utf8[] = {"\xc0\xaf",         "\xe0\x9f\xbf", "\xed\xa0\x80",    "\xf0\x8f\xbf\xbf",
                                  "\xf4\x90\x80\x80", "\xe2\x82",     "\xf5\x80\x80\x80"};
  for (size_t i = 0; i < 13; i++) {
    const char *given = i < 6 ? utf8[i] : not_utf8[i - 6];
    const swl_field field = {.name = "t", .type = SWL_FIELD_TEXT, .text = given};
    check_ok(f->context, swl_json_line(f->context, &field, 1, text, sizeof text));
    json_t *json = json_loads(text, 0, NULL);
    assert_non_null(json);
    const char *got = json_string_value(json_object_get(json, "t"));
    if (i < 6) assert_string_equal(got, given);
    if (i >= 6) assert_memory_equal(got, "\xef\xbf\xbd", 3);
    json_decref(json);
  }
  const double reals[] = {0.0, 1.0, -1.5, 1.0 / 3.0, 5e-324, 1.7976931348623157e308, 123456789012345678.0, 0.1 + 0.2};
  for (size_t i = 0; i < sizeof reals / sizeof *reals; i++) {
    const swl_field field = {.name = "r", .type = SWL_FIELD_REAL, .real = reals[i]};
    check_ok(f->context, swl_json_line(f->context, &field, 1, text, sizeof text));
    char *number = strchr(text, ':') + 1;
    number[strcspn(number, "}")] = '\0';
    assert_true(strtod(number, NULL) == reals[i]);
  }
}

static void jsonl_appends(void **state) {
  fixture *f = *state;
  swl_jsonl *log = NULL;
  swl_field field = {.name = "n", .type = SWL_FIELD_INTEGER, .integer = 1};
  check_ok(f->context, swl_jsonl_open(f->context, f->path, &log));
  const size_t calls = f->counting.calls;
  check_ok(f->context, swl_jsonl_append(log, &field, 1));
  file_holds(f->path, "{\"n\":1}\n"); /* before the close: a reader that follows sees it */
  assert_int_equal(f->counting.calls, calls);
  swl_jsonl_close(log);
  FILE *stream = fopen(f->path, "ab"); /* a run killed while it wrote */
  fputs("{\"n\":", stream);
  fclose(stream);
  check_ok(f->context, swl_jsonl_open(f->context, f->path, &log));
  field.integer = 2;
  check_ok(f->context, swl_jsonl_append(log, &field, 1));
  swl_jsonl_close(log);
  file_holds(f->path, "{\"n\":1}\n{\"n\":\n{\"n\":2}\n");
  swl_jsonl_close(NULL);
}

static void jsonl_refusals(void **state) {
  fixture *f = *state;
  swl_jsonl *log = NULL;
  swl_field field = {.name = "n", .type = SWL_FIELD_INTEGER, .integer = 1};
  check_fails(f->context, swl_jsonl_open(f->context, f->folder, &log), SWALE_ERROR_IO, "Is a directory");
  check_fails(f->context, swl_jsonl_open(f->context, "/no/such/log", &log), SWALE_ERROR_IO,
              "cannot write '/no/such/log': No such file or directory");
  assert_null(log);
  check_fails(f->context, swl_jsonl_open(f->context, "/dev/null", &log), SWALE_ERROR_IO, "it is a device or a pipe");
  assert_null(log);
  check_ok(f->context, swl_jsonl_open(f->context, f->path, &log));
  check_ok(f->context, swl_jsonl_append(log, &field, 1));
  signal(SIGXFSZ, SIG_IGN);
  limit_file_size(12); /* 8 bytes are there: half of the next line fits */
  check_fails(f->context, swl_jsonl_append(log, &field, 1), SWALE_ERROR_IO, "File too large");
  limit_file_size(0);
  file_holds(f->path, "{\"n\":1}\n"); /* cut back to whole lines */
  check_ok(f->context, swl_jsonl_append(log, &field, 1));
  file_holds(f->path, "{\"n\":1}\n{\"n\":1}\n");
  static char longest[140000];
  memset(longest, 'x', sizeof longest - 1);
  field = (swl_field){.name = "t", .type = SWL_FIELD_TEXT, .text = longest};
  check_fails(f->context, swl_jsonl_append(log, &field, 1), SWALE_ERROR_USAGE, "131072 were given");
  swl_jsonl_close(log);
  counting_allocator counting;
  counting_allocator_init(&counting);
  counting.fail_at = 2;
  swale_context *context = NULL;
  assert_int_equal(swale_context_create(&counting.allocator, &context), SWALE_OK);
  assert_int_equal(swl_jsonl_open(context, f->path, &log), SWALE_ERROR_MEMORY);
  check_context_gone(&counting, context);
}

typedef struct reader {
  const char *path;
  atomic_int locked;
} reader;

static void *reader_looks(void *self) {
  reader *at = self;
  const struct timespec moment = {.tv_nsec = 3000000};
  const int file = open(at->path, O_RDONLY);
  assert_int_equal(flock(file, LOCK_SH | LOCK_NB), 0);
  atomic_store(&at->locked, 1);
  nanosleep(&moment, NULL);
  close(file);
  return NULL;
}

/* Who asks whether somebody writes (swale watch) holds the lock for a moment, which keeps no writer off. */
static void a_reader_keeps_no_writer_off(void **state) {
  fixture *f = *state;
  swl_jsonl *log = NULL, *second = NULL;
  pthread_t thread;
  check_write(f->path, "", 0);
  reader at = {.path = f->path};
  assert_int_equal(pthread_create(&thread, NULL, reader_looks, &at), 0);
  while (!atomic_load(&at.locked)) {
  }
  check_ok(f->context, swl_jsonl_open(f->context, f->path, &log));
  assert_int_equal(pthread_join(thread, NULL), 0);
  check_fails(f->context, swl_jsonl_open(f->context, f->path, &second), SWALE_ERROR_EXISTS, "is in use");
  swl_jsonl_close(log);
}

/* A length that goes round 2^64 to where its record began, with a right checksum, by a sum of this file's own. */
static void a_length_of_events_without_end(void **state) {
  fixture *f = *state;
  swl_tfevents *events = NULL;
  unsigned char record[40] = {0};
  uint32_t crc = 0xffffffffU;
  for (int i = 0; i < 8; i++) {
    record[i] = i == 0 ? 0xf0 : 0xff; /* -16: head and tail have 16 bytes */
    crc ^= record[i];
    for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? 0x82f63b78U ^ crc >> 1 : crc >> 1;
  }
  crc = ~crc;
  crc = (crc >> 15 | crc << 17) + 0xa282ead8U;
  memcpy(record + 8, &crc, sizeof crc);
  check_write(f->path, record, sizeof record);
  check_ok(f->context, swl_tfevents_open(f->context, f->path, 0, 0, &events));
  swl_tfevents_close(events);
  char got[64];
  FILE *stream = fopen(f->path, "rb");
  assert_int_equal(fread(got, 1, sizeof got, stream), 12 + 9 + 2 + 2 + 13 + 4); /* what every file begins with */
  fclose(stream);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(files_of_a_run_have_paths),
      TEST(output_replaces_at_the_commit),
      TEST(output_abandoned_leaves_nothing),
      TEST(output_writers_share_no_file),
      TEST(output_refuses_bad_paths),
      TEST(output_in_a_read_only_folder),
      TEST(output_on_a_full_disk),
      TEST(folders),
      TEST(json_lines_in_words),
      TEST(json_lines_read_back),
      TEST(jsonl_appends),
      TEST(jsonl_refusals),
      TEST(a_reader_keeps_no_writer_off),
      TEST(a_length_of_events_without_end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
