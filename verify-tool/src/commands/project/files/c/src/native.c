/* <module>._c */
#include <Python.h>

#include <linktab.h>

static PyObject *answer(PyObject *self, PyObject *none)
{
    (void)self, (void)none;
    return PyUnicode_FromString("C");
}

static PyMethodDef methods[] = {{"answer", answer, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
static PyModuleDef_Slot slots[] = {{0, NULL}};
static PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_c", NULL, 0, methods, slots, NULL, NULL, NULL};

LINKTAB_INIT_FUNC PyInit__c(void)
{
    return PyModuleDef_Init(&definition);
}

/* Registers it, under the whole name that Python imports. */
LINKTAB_MODULE("<module>._c", PyInit__c, LINKTAB_MULTI)
