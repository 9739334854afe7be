// A hash map that is filled before main, and a finder in Python in front of sys.meta_path.
#include "bench.h"

#include <cstring>
#include <string_view>
#include <unordered_map>

namespace {

using Map = std::unordered_map<std::string_view, bench_init>;

Map filled() {
    Map map;
    map.reserve(bench_module_count);
    for (size_t i = 0; i < bench_module_count; i++) map.emplace(bench_modules[i].name, bench_modules[i].init);
    return map;
}

const Map map = filled();

PyObject *has(PyObject *, PyObject *name) {
    Py_ssize_t len;
    const char *text = PyUnicode_AsUTF8AndSize(name, &len);
    if (!text) return nullptr;
    return PyBool_FromLong(map.find({text, static_cast<size_t>(len)}) != map.end());
}

PyObject *create(PyObject *, PyObject *spec) {
    PyObject *name = PyObject_GetAttrString(spec, "name");
    if (!name) return nullptr;
    Py_ssize_t len;
    const char *text = PyUnicode_AsUTF8AndSize(name, &len);
    auto found = text ? map.find({text, static_cast<size_t>(len)}) : map.end();
    Py_DECREF(name);
    if (found == map.end()) return PyErr_Occurred() ? nullptr : (Py_INCREF(Py_None), Py_None);
    PyObject *def = found->second();
    return def ? PyModule_FromDefAndSpec(reinterpret_cast<PyModuleDef *>(def), spec) : nullptr;
}

PyObject *exec(PyObject *, PyObject *module) {
    if (PyModule_ExecDef(module, PyModule_GetDef(module)) < 0) return nullptr;
    Py_RETURN_NONE;
}

PyMethodDef methods[] = {{"has", has, METH_O, nullptr},
                         {"create", create, METH_O, nullptr},
                         {"exec", exec, METH_O, nullptr},
                         {nullptr, nullptr, 0, nullptr}};

PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_bench_map", nullptr, -1, methods, nullptr, nullptr, nullptr,
                          nullptr};

const char FINDER[] = R"(
import sys
from _frozen_importlib import ModuleSpec
class Finder:
    @classmethod
    def find_spec(cls, fullname, path=None, target=None):
        if has(fullname):
            return ModuleSpec(fullname, cls, origin='static')
        return None
    create_module = staticmethod(create)
    exec_module = staticmethod(exec_)
sys.meta_path.insert(0, Finder)
)";

}  // namespace

int bench_before_python(const char *) { return 0; }

int bench_with_python(const char *how) {
    if (std::strcmp(how, "map")) return 0;
    PyObject *module = PyModule_Create(&definition);
    PyObject *globals = PyDict_New();
    if (!module || !globals) return -1;
    PyDict_SetItemString(globals, "__builtins__", PyEval_GetBuiltins());
    PyDict_SetItemString(globals, "has", PyObject_GetAttrString(module, "has"));
    PyDict_SetItemString(globals, "create", PyObject_GetAttrString(module, "create"));
    PyDict_SetItemString(globals, "exec_", PyObject_GetAttrString(module, "exec"));
    return PyRun_String(FINDER, Py_file_input, globals, globals) ? 0 : -1;
}
