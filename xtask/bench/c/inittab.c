/* CPython's own table, in its three forms; and nothing at all. */
#include "bench.h"

#include <stdlib.h>
#include <string.h>

/* Room for CPython's own entries, which have to stay, in front of the static ones. */
#define OWN 128

extern struct _inittab bench_inittab[]; /* OWN empty entries, one per module, an end */

static int static_array(void) {
    size_t own = 0;
    while (PyImport_Inittab[own].name) own++;
    if (own > OWN) return -1;
    struct _inittab *start = bench_inittab + OWN - own;
    memcpy(start, PyImport_Inittab, own * sizeof *start);
    PyImport_Inittab = start;
    return 0;
}

int bench_before_python(const char *how) {
    if (!strcmp(how, "append")) {
        for (size_t i = 0; i < bench_module_count; i++)
            if (PyImport_AppendInittab(bench_modules[i].flat, bench_modules[i].init) < 0) return -1;
        return 0;
    }
    if (!strcmp(how, "extend")) return PyImport_ExtendInittab(bench_inittab + OWN);
    if (!strcmp(how, "static")) return static_array();
    return 0;
}

int bench_with_python(const char *how) { return 0; }
