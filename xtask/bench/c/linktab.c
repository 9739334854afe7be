/* linktab, through its C interface. */
#include "bench.h"

#include <linktab_embed.h>
#include <string.h>

int bench_before_python(const char *how) { return strcmp(how, "linktab") ? 0 : linktab_prepare(); }

int bench_with_python(const char *how) { return strcmp(how, "linktab") ? 0 : linktab_install(); }
