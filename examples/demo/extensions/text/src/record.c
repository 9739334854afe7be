/* The record of acme.text._tokens. Cython writes the C file with the init function; this one names it. */
#include <Python.h>

#include <linktab.h>

PyMODINIT_FUNC PyInit__tokens(void);

LINKTAB_MODULE("acme.text._tokens", PyInit__tokens, LINKTAB_MULTI)
