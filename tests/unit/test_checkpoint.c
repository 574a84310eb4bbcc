/* test_checkpoint.c - what a checkpoint is, what is refused in its place, and what stays untouched.
 *
 * Hand solutions: CRC-32 of "123456789" is cbf43926 (the check value of its definition), and that of a checkpoint with
 * zeros in place of its digits is these digits, by a bitwise sum of this file's own. Any other byte anywhere, and any
 * other length, must be seen. What is refused leaves every file of the folder as it was.
 */
#include "test_run.h"

#include "data/checksum.h"
#include "files/safetensors.h"

#include <dirent.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#define SMALL "data=csv:@/words.csv model=mlp:2-3-2 batch=8 samples=4 evaluate-every=2 "
#define LAST "run/checkpoint-0000000006.safetensors"
#define OLDER "run/checkpoint-0000000004.safetensors"

static char notes[4096];

static void keep_notes(void *user, const char *line) {
  (void)user;
  const size_t used = strlen(notes);
  snprintf(notes + used, sizeof notes - used, "%s\n", line);
}

/* A finished run of six updates with checkpoints at 2, 4 and 6. */
static void stage_trained(stage *s, const char *words) {
  char all[512];
  stage_make(s, "");
  stage_csv(s, "words.csv", 60, "low", "up");
  snprintf(all, sizeof all, SMALL "updates=6 checkpoint-every=2 checkpoints=3 out=@/run %s", words);
  stage_options(s, all);
  swale_run_destroy(stage_run(s));
  notes[0] = '\0';
  swale_context_set_log(s->context, keep_notes, NULL);
}

/* Resume with the changes "name=value …". */
static swale_status resume(stage *s, const char *words, swale_run **run) {
  swale_options *changes = NULL;
  char copy[1300], folder[128], *rest = NULL;
  check_ok(s->context, swale_options_create(s->context, &changes));
  snprintf(copy, sizeof copy, "%s", words);
  for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
    char *equals = strchr(word, '=');
    *equals = '\0';
    check_ok(s->context, swale_options_set(changes, word, equals + 1));
  }
  snprintf(folder, sizeof folder, "%s/run", s->folder);
  const swale_status status = swale_run_resume(changes, folder, run);
  swale_options_destroy(changes);
  return status;
}

/* Every name and byte of the run folder, summed in any order. */
static uint64_t folder_sum(stage *s) {
  char name[300], folder[128];
  uint64_t sum = 0;
  snprintf(folder, sizeof folder, "%s/run", s->folder);
  DIR *stream = opendir(folder);
  assert_non_null(stream);
  for (const struct dirent *entry = readdir(stream); entry; entry = readdir(stream)) {
    size_t count = 0;
    if (entry->d_name[0] == '.') continue;
    snprintf(name, sizeof name, "run/%s", entry->d_name);
    char *bytes = stage_bytes(s, name, &count);
    sum += 1 + (uint64_t)swl_checksum(swl_checksum(0, name, strlen(name)), bytes, count);
    free(bytes);
  }
  closedir(stream);
  return sum;
}

static void check_refused(stage *s, const char *words, swale_status status, const char *text) {
  swale_run *run = NULL;
  const uint64_t before = folder_sum(s);
  const size_t live = s->counting.live;
  check_fails(s->context, resume(s, words, &run), status, text);
  assert_null(run);
  assert_int_equal(s->counting.live, live);
  assert_true(folder_sum(s) == before);
}

static int exists(stage *s, const char *name) { return access(stage_path(s, name), F_OK) == 0; }

static uint32_t bitwise_sum(const char *bytes, size_t count) {
  uint32_t crc = 0xffffffffU;
  for (size_t i = 0; i < count; i++) {
    crc ^= (unsigned char)bytes[i];
    for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320U ^ crc >> 1 : crc >> 1;
  }
  return ~crc;
}

static void the_seal_is_the_sum_of_the_file(void **state) {
  (void)state;
  stage s;
  size_t count = 0;
  char digits[16];
  assert_int_equal(swl_checksum(0, "123456789", 9), 0xcbf43926U);
  assert_int_equal(swl_checksum(swl_checksum(0, "1234", 4), "56789", 5), 0xcbf43926U);
  stage_trained(&s, "average=0.5");
  char *bytes = stage_bytes(&s, LAST, &count), *at = bytes + 8 + strlen("{\"__metadata__\":{\"crc32\":\"");
  char held[9] = "";
  memcpy(held, at, 8);
  memset(at, '0', 8);
  snprintf(digits, sizeof digits, "%08x", bitwise_sum(bytes, count));
  assert_string_equal(held, digits);
  free(bytes);
  stage_free(&s);
}

/* The bytes at LAST, of which this test writes another version. */
static void write_last(stage *s, const char *bytes, size_t count) { check_write(stage_path(s, LAST), bytes, count); }

static void any_other_byte_and_length_is_seen(void **state) {
  (void)state;
  stage s;
  size_t count = 0;
  stage_trained(&s, "");
  char *bytes = stage_bytes(&s, LAST, &count);
  for (size_t i = 0; i < count; i++) {
    const char kept = bytes[i];
    const char others[] = {(char)(kept ^ 1 << i % 8), (char)(kept ^ 0x20), (char)~kept, (char)(kept ? 0 : ' ')};
    for (size_t k = 0; k < sizeof others; k++) {
      bytes[i] = others[k];
      write_last(&s, bytes, count);
      check_fails(s.context, swl_safetensors_check_seal(s.context, s.text, 1), SWALE_ERROR_FORMAT, LAST "' is damaged");
    }
    bytes[i] = kept;
    write_last(&s, bytes, i);
    check_fails(s.context, swl_safetensors_check_seal(s.context, s.text, 1), SWALE_ERROR_FORMAT, LAST "' is damaged");
  }
  write_last(&s, bytes, count);
  check_ok(s.context, swl_safetensors_check_seal(s.context, s.text, 1));
  printf("# %zu bytes\n", count);
  free(bytes);
  stage_free(&s);
}

/* 1,000 files that were damaged in five ways at random places: each is refused by name, and nothing is touched. */
static void damaged_files_are_refused(void **state) {
  (void)state;
  stage s;
  size_t count = 0;
  uint64_t random = 1;
  stage_trained(&s, "checkpoints=1");
  char *bytes = stage_bytes(&s, LAST, &count), *bad = malloc(count + 64);
  for (int i = 0; i < 1000; i++) {
    swale_run *run = NULL;
    random = random * 6364136223846793005U + 1442695040888963407U;
    const size_t place = (size_t)(random >> 33) % count, most = count - place < 64 ? count - place : 64;
    size_t length = count;
    memcpy(bad, bytes, count);
    switch (i % 5) {
    case 0: bad[place] ^= (char)(1 << (random >> 20) % 8); break;
    case 1: length = place; break;
    case 2: memset(bad + place, (int)(random >> 24), most); break;                         /* a block of one byte */
    case 3: memmove(bad + place, bytes + place / 2, most), bad[place] ^= 1; break;         /* a block from elsewhere */
    case 4: memset(bad + count, (int)(random >> 24), 64), length += 1 + place % 64; break; /* a tail */
    }
    if (length == count && memcmp(bad, bytes, count) == 0) continue;
    write_last(&s, bad, length);
    check_fails(s.context, resume(&s, "", &run), SWALE_ERROR_FORMAT, LAST "' is damaged: ");
    assert_null(run);
    assert_non_null(strstr(swale_context_message(s.context), "there is no older checkpoint to go on from"));
  }
  check_refused(&s, "", SWALE_ERROR_FORMAT, "is damaged");
  free(bytes), free(bad);
  stage_free(&s);
}

/* The older one takes over, says so, and ends in the same bytes; what was damaged is gone then. */
static void an_older_one_takes_over(void **state) {
  (void)state;
  stage s;
  size_t count = 0, size = 0;
  swale_run *run = NULL;
  stage_trained(&s, "");
  char *whole = stage_bytes(&s, "run/model.safetensors", &size), *bytes = stage_bytes(&s, LAST, &count);
  bytes[count / 2] ^= 4;
  write_last(&s, bytes, count);
  check_ok(s.context, resume(&s, "", &run));
  assert_non_null(strstr(notes, LAST "' is damaged: the checksum of its "));
  assert_non_null(strstr(notes, "; going on from the older checkpoint of update 4\n"));
  check_close(swale_run_number(run, SWALE_NUMBER_UPDATES), 4, 0);
  int done = 0;
  check_ok(s.context, swale_run_advance(run, &done));
  check_ok(s.context, swale_run_finish(run, SWALE_STOP_INTERRUPTED)); /* a checkpoint of update 5 */
  assert_false(exists(&s, LAST));
  swale_run_destroy(run);
  check_ok(s.context, resume(&s, "", &run));
  check_ok(s.context, swale_run_advance(run, &done));
  assert_true(done);
  check_ok(s.context, swale_run_finish(run, SWALE_STOP_BUDGET));
  swale_run_destroy(run);
  check_ok(s.context, swl_safetensors_check_seal(s.context, stage_path(&s, LAST), 1));
  size_t again = 0;
  char *model = stage_bytes(&s, "run/model.safetensors", &again);
  assert_int_equal(again, size);
  assert_memory_equal(model, whole, size);
  free(whole), free(bytes), free(model);
  stage_free(&s);
}

/* A log that is shorter than the newest checkpoint knows is as bad as a damaged checkpoint. */
static void the_log_must_be_there(void **state) {
  (void)state;
  stage s;
  size_t count = 0, size = 0;
  swale_run *run = NULL;
  stage_trained(&s, "");
  char *bytes = stage_bytes(&s, "run/log.jsonl", &size);
  char *first = strchr(bytes, '\n') + 1, *second = strchr(first, '\n') + 1,
       *third = strchr(second, '\n') + 1; /* of updates 4 and 6 */
  check_write(stage_path(&s, "run/log.jsonl"), bytes, (size_t)(third - bytes) + 5);
  check_ok(s.context, resume(&s, "", &run));
  check_close(swale_run_number(run, SWALE_NUMBER_UPDATES), 4, 0);
  assert_non_null(strstr(notes, "run/log.jsonl' was cut short: it has "));
  swale_run_destroy(run);
  char *left = stage_bytes(&s, "run/log.jsonl", &count);
  assert_memory_equal(left, bytes, (size_t)(third - bytes));
  assert_int_equal(strncmp(left + (third - bytes), "{\"event\":\"resume\",\"update\":4,", 29), 0);
  free(left);
  check_write(stage_path(&s, "run/log.jsonl"), bytes, (size_t)(second - bytes) - 3);
  check_refused(&s, "", SWALE_ERROR_FORMAT, "log.jsonl' was cut short");
  memset(bytes, 'x', size);
  check_write(stage_path(&s, "run/log.jsonl"), bytes, size);
  check_refused(&s, "", SWALE_ERROR_FORMAT, "log.jsonl' was changed: no line ends at byte");
  free(bytes);
  stage_free(&s);
}

static void options_may_not_change(void **state) {
  (void)state;
  const char *const refused[] = {"tau=0.5",           "seed=2",   "batch=4",          "optimizer=sgd",
                                 "average=0.5",       "out=x",    "samples=8",        "shards=3",
                                 "kernels=reference", "rate=0.5", "regularizer=none", "test=0.3",
                                 "monotone=true"};
  stage s;
  swale_run *run = NULL;
  stage_trained(&s, "");
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
    char text[64];
    snprintf(text, sizeof text, "option %.*s: '", (int)strcspn(refused[i], "="), refused[i]);
    check_refused(&s, refused[i], SWALE_ERROR_USAGE, text);
    assert_non_null(strstr(swale_context_message(s.context), "what may change is data, model, "));
  }
  check_refused(&s, "model=mlp:2-4-2", SWALE_ERROR_USAGE, "option model: mlp:2-4-2; the run in '");
  check_ok(s.context, resume(&s,
                             "tau=1e-4 batch=8 seed=1 threads=2 updates=8 seconds=9 evaluate-every=1 patience=4 "
                             "restores=1 checkpoints=1 checkpoint-every=1 checkpoint-seconds=3 json=true",
                             &run));
  check_close(swale_run_number(run, SWALE_NUMBER_UPDATES_PLANNED), 8, 0);
  swale_run_destroy(run);
  stage_free(&s);
}

/* The same examples in another place will do; others will not. */
static void the_data_must_be_the_same(void **state) {
  (void)state;
  stage s;
  swale_run *run = NULL;
  char words[1300];
  stage_trained(&s, "");
  assert_int_equal(rename(stage_path(&s, "words.csv"), "/tmp/swale-test-moved.csv"), 0);
  check_refused(&s, "", SWALE_ERROR_IO, "words.csv");
  check_ok(s.context, resume(&s, "data=csv:/tmp/swale-test-moved.csv", &run));
  swale_run_destroy(run);
  assert_int_equal(unlink("/tmp/swale-test-moved.csv"), 0);
  stage_csv(&s, "words.csv", 61, "low", "up");
  snprintf(words, sizeof words, "data=csv:%s", stage_path(&s, "words.csv"));
  check_refused(&s, words, SWALE_ERROR_USAGE, "is not what the run in '");
  stage_free(&s);
}

static void one_writer_at_a_time(void **state) {
  (void)state;
  stage s;
  swale_run *run = NULL;
  stage_trained(&s, "");
  check_ok(s.context, resume(&s, "updates=9", &run));
  swale_run *second = NULL;
  check_fails(s.context, resume(&s, "", &second), SWALE_ERROR_EXISTS, "log.jsonl' is in use: another process is");
  int done = 0;
  check_ok(s.context, swale_run_advance(run, &done)); /* the first does not notice */
  swale_run_destroy(run);
  check_ok(s.context, resume(&s, "", &second)); /* nor does the lock outlive it */
  swale_run_destroy(second);
  stage_free(&s);
}

static void what_is_no_run_is_refused(void **state) {
  (void)state;
  stage s;
  swale_options *changes = NULL;
  swale_run *run = NULL;
  stage_make(&s, "");
  stage_csv(&s, "words.csv", 60, "low", "up");
  check_ok(s.context, swale_options_create(s.context, &changes));
  check_fails(s.context, swale_run_resume(changes, stage_path(&s, "none"), &run), SWALE_ERROR_IO,
              "none' is not a run to go on with: it has no config.conf");
  check_fails(s.context, swale_run_resume(changes, s.folder, &run), SWALE_ERROR_IO, "it has no config.conf");
  check_fails(s.context, swale_run_resume(changes, "", &run), SWALE_ERROR_USAGE, "has 0 bytes");
  char deep[1200];
  memset(deep, 'x', sizeof deep - 1), deep[sizeof deep - 1] = '\0';
  check_fails(s.context, swale_run_resume(changes, deep, &run), SWALE_ERROR_USAGE, "1199 bytes; allowed are 1 to 1000");
  assert_null(run);
  stage_options(&s, SMALL "updates=6 out=@/run checkpoints=0");
  check_ok(s.context, swale_run_create(s.options, &run));
  for (int done = 0; !done;) check_ok(s.context, swale_run_advance(run, &done));
  swale_run_destroy(run); /* as if it were killed now */
  swale_context_set_log(s.context, keep_notes, NULL);
  notes[0] = '\0';
  check_ok(s.context, swale_run_resume(changes, stage_path(&s, "run///"), &run)); /* from config.conf, from the begin */
  assert_non_null(strstr(notes, "run' has no checkpoint: the run begins again"));
  check_close(swale_run_number(run, SWALE_NUMBER_UPDATES), 0, 0);
  size_t count = 0;
  char *log = stage_bytes(&s, "run/log.jsonl", &count);
  assert_int_equal(strncmp(log, "{\"event\":\"begin\",", 17), 0);
  assert_ptr_equal(strchr(log, '\n'), log + count - 1); /* nothing else is left of before */
  free(log);
  for (int done = 0; !done;) check_ok(s.context, swale_run_advance(run, &done));
  check_ok(s.context, swale_run_finish(run, SWALE_STOP_BUDGET));
  assert_true(isnan(swale_run_number(run, SWALE_NUMBER_SAVED)));
  swale_run_destroy(run);
  assert_false(exists(&s, LAST));
  check_refused(&s, "", SWALE_ERROR_EXISTS, "has no checkpoint to go on from, and a model"); /* what is made is kept */
  assert_int_equal(unlink(stage_path(&s, "run/model.safetensors")), 0);
  check_refused(&s, "", SWALE_ERROR_EXISTS, "has no checkpoint to go on from, and a log that has an end");
  swale_options_destroy(changes);
  stage_free(&s);
}

/* A checkpoint that cannot be written is said; training goes on, the end says it again, and all the rest is there. */
static void one_that_cannot_be_written(void **state) {
  (void)state;
  stage s;
  swale_run *run = NULL;
  stage_trained(&s, "");
  assert_int_equal(mkdir(stage_path(&s, "run/checkpoint-0000000008.safetensors"), 0777), 0);
  check_ok(s.context, resume(&s, "updates=8 checkpoint-every=1", &run));
  for (int done = 0; !done;) check_ok(s.context, swale_run_advance(run, &done));
  assert_null(strstr(notes, "no checkpoint"));
  check_fails(s.context, swale_run_finish(run, SWALE_STOP_BUDGET), SWALE_ERROR_IO, "no checkpoint: cannot write '");
  assert_non_null(strstr(swale_run_json(run), "\"updates\":8"));
  swale_run_destroy(run);
  check_ok(s.context, resume(&s, "updates=9", &run));
  check_close(swale_run_number(run, SWALE_NUMBER_UPDATES), 7, 0);
  int done = 0;
  check_ok(s.context, swale_run_advance(run, &done));
  assert_non_null(strstr(notes, "no checkpoint at update 8: cannot write '"));
  assert_non_null(strstr(notes, "it is a folder, not a file; training goes on, and the older ones stay\n"));
  check_ok(s.context,
           swl_safetensors_check_seal(s.context, stage_path(&s, "run/checkpoint-0000000007.safetensors"), 1));
  swale_run_destroy(run);
  stage_free(&s);
}

/* Only the newest stay, nothing foreign goes, and what a killed writer left does. */
static void old_ones_go(void **state) {
  (void)state;
  const char *const foreign[] = {"run/checkpoint-1.safetensors", "run/checkpoint-0000000002.safetensors.old",
                                 "run/Checkpoint-0000000002.safetensors", "run/checkpoint-000000000a.safetensors"};
  stage s;
  swale_run *run = NULL;
  stage_trained(&s, "");
  for (size_t i = 0; i < 4; i++) check_write(stage_path(&s, foreign[i]), "x", 1);
  check_write(stage_path(&s, "run/checkpoint-0000000003.safetensors.partial"), "x", 1);
  check_write(stage_path(&s, "run/checkpoint-0000000099.safetensors"), "x", 1); /* of a future that was given up */
  check_ok(s.context, resume(&s, "updates=7 checkpoints=2", &run));
  assert_non_null(strstr(notes, "checkpoint-0000000099.safetensors' is damaged"));
  for (int done = 0; !done;) check_ok(s.context, swale_run_advance(run, &done));
  check_ok(s.context, swale_run_finish(run, SWALE_STOP_BUDGET));
  swale_run_destroy(run);
  for (size_t i = 0; i < 4; i++) assert_true(exists(&s, foreign[i]));
  assert_false(exists(&s, "run/checkpoint-0000000003.safetensors.partial"));
  assert_false(exists(&s, "run/checkpoint-0000000099.safetensors"));
  assert_false(exists(&s, OLDER));
  assert_true(exists(&s, LAST) && exists(&s, "run/checkpoint-0000000007.safetensors"));
  stage_free(&s);
}

/* Due at once, but not again before a hundred times what it took: an update here takes much less. */
static void time_decides(void **state) {
  (void)state;
  stage s;
  swale_run *run = NULL;
  int done = 0;
  stage_make(&s, "");
  stage_csv(&s, "words.csv", 60, "low", "up");
  stage_options(&s, SMALL "updates=9 checkpoint-seconds=1e-9 out=@/run");
  check_ok(s.context, swale_run_create(s.options, &run));
  check_ok(s.context, swale_run_advance(run, &done));
  assert_true(exists(&s, "run/checkpoint-0000000001.safetensors"));
  check_ok(s.context, swale_run_advance(run, &done));
  assert_false(exists(&s, "run/checkpoint-0000000002.safetensors"));
  swale_run_destroy(run);
  stage_free(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_seal_is_the_sum_of_the_file),
      cmocka_unit_test(any_other_byte_and_length_is_seen),
      cmocka_unit_test(damaged_files_are_refused),
      cmocka_unit_test(an_older_one_takes_over),
      cmocka_unit_test(the_log_must_be_there),
      cmocka_unit_test(options_may_not_change),
      cmocka_unit_test(the_data_must_be_the_same),
      cmocka_unit_test(one_writer_at_a_time),
      cmocka_unit_test(what_is_no_run_is_refused),
      cmocka_unit_test(one_that_cannot_be_written),
      cmocka_unit_test(old_ones_go),
      cmocka_unit_test(time_decides),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
