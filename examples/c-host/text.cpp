// acme.text._native: an extension in C++ that needs its standard library.
#include <Python.h>
#include <linktab.h>

#include <sstream>
#include <string>

static PyObject *count(PyObject *, PyObject *text)
{
    const char *bytes = PyUnicode_AsUTF8(text);
    if (bytes == nullptr) {
        return nullptr;
    }
    std::istringstream words{std::string(bytes)};
    long found = 0;
    for (std::string word; words >> word;) {
        ++found;
    }
    return PyLong_FromLong(found);
}

static PyMethodDef methods[] = {{"count", count, METH_O, nullptr}, {nullptr, nullptr, 0, nullptr}};
static PyModuleDef native = {PyModuleDef_HEAD_INIT, "_native", nullptr, 0, methods, nullptr, nullptr, nullptr, nullptr};

LINKTAB_INIT_FUNC PyInit__native(void)
{
    return PyModuleDef_Init(&native);
}

LINKTAB_MODULE("acme.text._native", PyInit__native, LINKTAB_MULTI)
