/* acme.fast._native: multi-phase, with a heap type that can be pickled. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <linktab.h>

typedef struct {
    PyObject_HEAD
    unsigned long long state;
} Random;

static PyObject *random_next(PyObject *self, PyObject *unused)
{
    (void)unused;
    /* xorshift64 (Marsaglia 2003) */
    unsigned long long x = ((Random *)self)->state;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    ((Random *)self)->state = x;
    return PyLong_FromUnsignedLongLong(x);
}

static PyObject *random_reduce(PyObject *self, PyObject *unused)
{
    (void)unused;
    return Py_BuildValue("O(K)", Py_TYPE(self), ((Random *)self)->state);
}

static int random_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"seed", NULL};
    return PyArg_ParseTupleAndKeywords(args, kwargs, "K", names, &((Random *)self)->state) ? 0 : -1;
}

static PyMethodDef random_methods[] = {
    {"next", random_next, METH_NOARGS, "The next number."},
    {"__reduce__", random_reduce, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot random_slots[] = {
    {Py_tp_doc, "A sequence of pseudo-random numbers."},
    {Py_tp_init, random_init},
    {Py_tp_methods, random_methods},
    {0, NULL},
};

static PyType_Spec random_spec = {
    .name = "acme.fast._native.Random",
    .basicsize = sizeof(Random),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = random_slots,
};

static int native_exec(PyObject *module)
{
    PyObject *type = PyType_FromModuleAndSpec(module, &random_spec, NULL);
    if (type == NULL || PyModule_AddType(module, (PyTypeObject *)type) < 0) {
        Py_XDECREF(type);
        return -1;
    }
    Py_DECREF(type);
    return 0;
}

static PyModuleDef_Slot native_slots[] = {
    {Py_mod_exec, native_exec},
    {0, NULL},
};

static PyModuleDef native = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_native",
    .m_doc = "Pseudo-random numbers.",
    .m_slots = native_slots,
};

/* Static unless a wheel is built: in one executable another package may have a `_native` too. */
LINKTAB_INIT_FUNC PyInit__native(void)
{
    return PyModuleDef_Init(&native);
}

LINKTAB_MODULE("acme.fast._native", PyInit__native, LINKTAB_MULTI)
