/* open_write.h - a file of ours that is opened for writing: never another file that somebody put behind its name.
 *
 * A run folder may come from somebody else. A symbolic link there, or a second name of a file that lies elsewhere (a hard
 * link), would send what is written out of the folder; a pipe or a device has no content to keep.
 */
#ifndef SWL_FILES_OPEN_WRITE_H
#define SWL_FILES_OPEN_WRITE_H

#include "base/context.h"

/* open(path, flags) with mode 0666, where it is a regular file with one name or, with O_CREAT, a new one; waits for nobody.
 * O_TRUNC is not among the flags: who wants that cuts the file that was opened. Errors call the file `name`. */
SWALE_NODISCARD swale_status swl_open_write(swale_context *context, const char *path, int flags, const char *name,
                                            int *file);

#endif
