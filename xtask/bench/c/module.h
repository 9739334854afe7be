/* One extension module as people write them: a function, a constant, a state. */
#include <Python.h>

#define MODULE(SYMBOL, LEAF)                                                                       \
    static PyObject *SYMBOL##_area(PyObject *m, PyObject *x) { return PyNumber_Multiply(x, x); }   \
    static PyMethodDef SYMBOL##_methods[] = {                                                      \
        {"area", SYMBOL##_area, METH_O, "area(x)"},                                                \
        {NULL, NULL, 0, NULL}};                                                                    \
    static int SYMBOL##_exec(PyObject *m) { return PyModule_AddIntConstant(m, "version", 3); }     \
    static PyModuleDef_Slot SYMBOL##_slots[] = {{Py_mod_exec, (void *)SYMBOL##_exec}, {0, NULL}};  \
    static PyModuleDef SYMBOL##_def = {PyModuleDef_HEAD_INIT, LEAF, "One of many.", 8,             \
                                       SYMBOL##_methods, SYMBOL##_slots, NULL, NULL, NULL};        \
    PyMODINIT_FUNC PyInit_##SYMBOL(void) { return PyModuleDef_Init(&SYMBOL##_def); }
