/* integral._share: an extension of the application's own, which knows nothing of linktab. */
#include <Python.h>

static PyObject *count(PyObject *module, PyObject *args)
{
    long rank, size, steps;
    (void)module;
    if (!PyArg_ParseTuple(args, "lll", &rank, &size, &steps)) {
        return NULL;
    }
    if (size < 1 || rank < 0 || rank >= size) {
        return PyErr_Format(PyExc_ValueError, "rank %ld of %ld", rank, size);
    }
    return PyLong_FromLong(steps / size + (rank < steps % size));
}

static PyMethodDef functions[] = {
    {"count", count, METH_VARARGS, "How many of so many steps a rank has, of so many ranks."},
    {NULL, NULL, 0, NULL},
};
static PyModuleDef_Slot slots[] = {{0, NULL}};
static PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_share", NULL, 0, functions, slots, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__share(void)
{
    return PyModuleDef_Init(&definition);
}
