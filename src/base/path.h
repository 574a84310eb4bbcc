/* path.h - paths of files. */
#ifndef SWL_BASE_PATH_H
#define SWL_BASE_PATH_H

#include <stddef.h>

enum { SWL_PATH_MAX = 4096 }; /* bytes, with the NUL: Linux takes no longer ones */

/* Bytes of the path without slashes at its end; "/" keeps its own. */
size_t swl_path_length(const char *path);

#endif
