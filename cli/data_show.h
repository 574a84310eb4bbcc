/* data_show.h - examples as a person sees them. */
#ifndef CLI_DATA_SHOW_H
#define CLI_DATA_SHOW_H

#include <swale/swale.h>

/* On stdout: shape, examples per split and class, a preview. `spec` is what was loaded. 0, or -1 if memory ran out. */
int cli_data_show(const swale_data *data, const char *spec);

#endif
