/* What `linktab install-sdk` links and starts before it installs anything. */
#include <Python.h>
#include <linktab.h>
#include <linktab_embed.h>

static PyModuleDef proof = {PyModuleDef_HEAD_INIT, "linktab_proof", NULL, 0, NULL, NULL, NULL, NULL, NULL};

LINKTAB_INIT_FUNC PyInit_linktab_proof(void)
{
    return PyModuleDef_Init(&proof);
}

LINKTAB_MODULE("linktab_proof", PyInit_linktab_proof, LINKTAB_MULTI)

int main(void)
{
    if (linktab_prepare() != 0) {
        fprintf(stderr, "%s\n", linktab_error());
        return 1;
    }
    Py_Initialize();
    if (linktab_install() != 0) {
        fprintf(stderr, "%s\n", linktab_error());
        return 1;
    }
    /* `math` is a shared object in most: it finds CPython's symbols in the program, or fails. */
    return PyRun_SimpleString("import linktab_proof, math") != 0;
}
