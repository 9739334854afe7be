// <module>._pybind11
#include <pybind11/pybind11.h>

#include <linktab.h>

PYBIND11_MODULE(_pybind11, module)
{
    module.def("answer", [] { return "C++"; });
}

// Registers it, under the whole name that Python imports.
LINKTAB_MODULE("<module>._pybind11", PyInit__pybind11, LINKTAB_MULTI)
