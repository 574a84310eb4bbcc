/* shim.c - an operating system that fails on purpose, between the program and the C library (LD_PRELOAD).
 *
 * SHIM_CALL   open, read, pread, write, fsync, rename or ftruncate: which call fails
 * SHIM_PATH   only on files whose path contains this
 * SHIM_AT     only the call of this number, from 1; 0 or not set: every one
 * SHIM_ERROR  with this errno, a number (5 is EIO, 28 is ENOSPC)
 * SHIM_SLEEP  it does not fail, but takes so many seconds
 * SHIM_DATE   if set, the date jumps by a year forth and back at every look at it
 *
 * A stream of stdio writes inside the C library, unseen from here; its errors come from a disk that is really full.
 */
#undef _FILE_OFFSET_BITS /* so that open and open64 are two functions */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { SHIM_YEAR = 31557600 };

/* 1 if this call is the one to fail; errno is set then. */
static int shim_fails(const char *call, const char *path) {
  static int seen;
  const char *which = getenv("SHIM_CALL"), *part = getenv("SHIM_PATH"), *at = getenv("SHIM_AT");
  const char *reason = getenv("SHIM_ERROR"), *pause = getenv("SHIM_SLEEP");
  if (!which || strcmp(which, call) != 0 || (part && !strstr(path, part))) return 0;
  seen++;
  const long number = at ? strtol(at, NULL, 10) : 0;
  if (number != 0 && number != seen) return 0;
  if (pause) {
    sleep((unsigned)strtoul(pause, NULL, 10));
    return 0;
  }
  errno = reason ? (int)strtol(reason, NULL, 10) : EIO;
  return 1;
}

static int shim_fails_on(const char *call, int file) {
  char entry[64], target[4096];
  snprintf(entry, sizeof entry, "/proc/self/fd/%d", file);
  const ssize_t length = readlink(entry, target, sizeof target - 1);
  target[length > 0 ? length : 0] = '\0';
  return shim_fails(call, target);
}

#define NEXT(type, name) ((type)(uintptr_t)dlsym(RTLD_NEXT, name))

static int shim_open(const char *name, const char *path, int flags, mode_t mode) {
  if (shim_fails("open", path)) return -1;
  return NEXT(int (*)(const char *, int, ...), name)(path, flags, mode);
}

int open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return shim_open("open", path, flags, mode);
}

int open64(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return shim_open("open64", path, flags, mode);
}

ssize_t read(int file, void *bytes, size_t count) {
  return shim_fails_on("read", file) ? -1 : NEXT(ssize_t(*)(int, void *, size_t), "read")(file, bytes, count);
}

ssize_t write(int file, const void *bytes, size_t count) {
  return shim_fails_on("write", file) ? -1 : NEXT(ssize_t(*)(int, const void *, size_t), "write")(file, bytes, count);
}

ssize_t pread(int file, void *bytes, size_t count, off_t at) {
  if (shim_fails_on("pread", file)) return -1;
  return NEXT(ssize_t(*)(int, void *, size_t, off_t), "pread")(file, bytes, count, at);
}

ssize_t pread64(int file, void *bytes, size_t count, off64_t at) {
  if (shim_fails_on("pread", file)) return -1;
  return NEXT(ssize_t(*)(int, void *, size_t, off64_t), "pread64")(file, bytes, count, at);
}

int fsync(int file) { return shim_fails_on("fsync", file) ? -1 : NEXT(int (*)(int), "fsync")(file); }

int ftruncate(int file, off_t size) {
  return shim_fails_on("ftruncate", file) ? -1 : NEXT(int (*)(int, off_t), "ftruncate")(file, size);
}

int ftruncate64(int file, off64_t size) {
  return shim_fails_on("ftruncate", file) ? -1 : NEXT(int (*)(int, off64_t), "ftruncate64")(file, size);
}

int rename(const char *from, const char *to) {
  return shim_fails("rename", to) ? -1 : NEXT(int (*)(const char *, const char *), "rename")(from, to);
}

/* 0, a year ahead, a year back, 0, … */
static time_t shim_jump(void) {
  static int seen;
  return getenv("SHIM_DATE") ? (time_t)(seen++ % 3 - 1) * SHIM_YEAR : 0;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  const int status = NEXT(int (*)(clockid_t, struct timespec *), "clock_gettime")(clock, now);
  if (status == 0 && clock == CLOCK_REALTIME) now->tv_sec += shim_jump();
  return status;
}

time_t time(time_t *now) {
  const time_t moved = NEXT(time_t(*)(time_t *), "time")(NULL) + shim_jump();
  if (now) *now = moved;
  return moved;
}
