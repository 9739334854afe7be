/* acme.plain._native: an extension that was written without linktab, and finishes its module at once. */
#include <Python.h>

static PyObject *name(PyObject *module, PyObject *unused)
{
    (void)unused;
    return PyObject_GetAttrString(module, "__name__");
}

static PyMethodDef methods[] = {{"name", name, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
static PyModuleDef native = {PyModuleDef_HEAD_INIT, "_native", NULL, 0, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__native(void)
{
    return PyModule_Create(&native);
}
