/* What the generated modules, the peers and the driver share. */
#ifndef LINKTAB_BENCH_H
#define LINKTAB_BENCH_H

#include <Python.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef PyObject *(*bench_init)(void);

typedef struct bench_module {
    const char *name; /* acme.geo._core */
    const char *flat; /* acme_geo__core: inittab takes dots only since 3.11.4 */
    bench_init init;
} bench_module;

extern const bench_module bench_modules[];
extern const size_t bench_module_count;

/* One way to register modules. A peer defines both. */
int bench_before_python(const char *how);
int bench_with_python(const char *how);

#ifdef __cplusplus
}
#endif

#endif
