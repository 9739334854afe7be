/* acme.fast._native: an extension in C. */
#include <Python.h>
#include <linktab.h>

static PyObject *twice(PyObject *module, PyObject *number)
{
    (void)module;
    return PyNumber_Add(number, number);
}

static PyMethodDef methods[] = {{"twice", twice, METH_O, NULL}, {NULL, NULL, 0, NULL}};
static PyModuleDef native = {PyModuleDef_HEAD_INIT, "_native", NULL, 0, methods, NULL, NULL, NULL, NULL};

LINKTAB_INIT_FUNC PyInit__native(void)
{
    return PyModuleDef_Init(&native);
}

LINKTAB_MODULE("acme.fast._native", PyInit__native, LINKTAB_MULTI)
