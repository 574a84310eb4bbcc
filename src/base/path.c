/* path.c - see path.h. */
#include "base/path.h"

#include <string.h>

size_t swl_path_length(const char *path) {
  size_t length = strlen(path);
  while (length > 1 && path[length - 1] == '/') length--;
  return length;
}
