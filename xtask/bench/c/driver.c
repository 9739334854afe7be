/* main of every peer: registers as `how` says, starts Python, does one thing, and leaves without
 * finalising.
 *
 *     peer HOW ACTION PICKED COUNT
 *
 * PICKED modules, spread evenly over all, are prepared: their packages are put into sys.modules. COUNT
 * of them are then used. So two runs that differ in COUNT alone differ by COUNT uses. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static const char *how;
static size_t picked;
static long count;

static void fail(const char *what) {
    fprintf(stderr, "bench: %s\n", what);
    if (PyErr_Occurred()) PyErr_Print();
    _exit(1);
}

static double cpu(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * 1e9 + t.tv_nsec;
}

/* Seen by strace: what lies between two of these belongs to the action. */
static void mark(void) { access("/linktab-bench-mark", F_OK); }

static void start(void) {
    PyConfig config;
    PyConfig_InitIsolatedConfig(&config);
    config.site_import = 0;
    config.use_hash_seed = 1;
    config.hash_seed = 0;
    const char *home = getenv("BENCH_HOME");
    if (home && *home) PyConfig_SetBytesString(&config, &config.home, home);
    PyConfig_SetBytesString(&config, &config.program_name, getenv("BENCH_PYTHON"));
    PyStatus status = Py_InitializeFromConfig(&config);
    if (PyStatus_Exception(status)) Py_ExitStatusException(status);
    PyConfig_Clear(&config);
}

static const bench_module *pick(size_t i) {
    /* A stride that is coprime to the usual counts: neighbours in the list are none in the table. */
    size_t stride = bench_module_count / picked;
    return &bench_modules[(i * 7919 % picked) * stride];
}

static int is_flat(void) { return !strcmp(how, "append") || !strcmp(how, "extend") || !strcmp(how, "static"); }

static const char PACKAGES[] =
    "import sys\n"
    "from _frozen_importlib import ModuleSpec\n"
    "for name in names:\n"
    "    parts = name.split('.')[:-1]\n"
    "    for end in range(1, len(parts) + 1):\n"
    "        package = '.'.join(parts[:end])\n"
    "        if package not in sys.modules:\n"
    "            module = sys.modules[package] = type(sys)(package)\n"
    "            module.__path__ = ['/'.join([root] + parts[:end])]\n"
    "            module.__spec__ = ModuleSpec(package, None, is_package=True)\n"
    "            module.__spec__._initializing = False\n"
    "            if end > 1: setattr(sys.modules['.'.join(parts[:end - 1])], parts[end - 1], module)\n";

static PyObject *names(void) {
    PyObject *list = PyList_New(0), *globals = PyDict_New();
    for (size_t i = 0; i < picked; i++) {
        PyObject *name = PyUnicode_InternFromString(is_flat() ? pick(i)->flat : pick(i)->name);
        if (!name || PyList_Append(list, name) < 0) fail("names");
        Py_DECREF(name);
    }
    const char *root = getenv("BENCH_SO");
    PyDict_SetItemString(globals, "__builtins__", PyEval_GetBuiltins());
    PyDict_SetItemString(globals, "names", list);
    PyDict_SetItemString(globals, "root", PyUnicode_FromString(root ? root : "/nowhere"));
    if (!PyRun_String(PACKAGES, Py_file_input, globals, globals)) fail("packages");
    return list;
}

static void import_all(PyObject *list) {
    for (long i = 0; i < count; i++)
        if (!PyImport_ImportModuleLevelObject(PyList_GET_ITEM(list, i), NULL, NULL, NULL, 0)) fail("import");
}

/* No importlib: the least that makes the modules. */
static void floor_all(PyObject *list) {
    PyObject *types = PyImport_ImportModule("types");
    PyObject *spec = types ? PyObject_CallMethod(types, "SimpleNamespace", NULL) : NULL;
    PyObject *key = PyUnicode_InternFromString("name");
    PyObject *modules = PyImport_GetModuleDict();
    if (!spec) fail("spec");
    for (long i = 0; i < count; i++) {
        PyObject *name = PyList_GET_ITEM(list, i);
        if (PyObject_SetAttr(spec, key, name) < 0) fail("name");
        PyModuleDef *def = (PyModuleDef *)pick(i)->init();
        PyObject *module = def ? PyModule_FromDefAndSpec(def, spec) : NULL;
        if (!module || PyModule_ExecDef(module, def) < 0 || PyDict_SetItem(modules, name, module) < 0) fail("floor");
        Py_DECREF(module);
    }
}

static void preload_all(PyObject *list) {
    PyObject *some = PyList_GetSlice(list, 0, count), *linktab = PyImport_ImportModule("linktab");
    PyObject *done = linktab ? PyObject_CallMethod(linktab, "preload", "(O)", some) : NULL;
    if (!done || PyList_GET_SIZE(done) != count) fail("preload");
}

/* The same where somebody's finder in Python stands in front, as setuptools' does for `distutils`. */
static void behind_all(PyObject *list) {
    static const char FINDER[] = "import sys\n"
                                 "class InFront:\n"
                                 "    def find_spec(self, fullname, path, target=None):\n"
                                 "        if path is not None and not fullname.startswith('test.'): return\n"
                                 "sys.meta_path.insert(0, InFront())\n";
    if (PyRun_SimpleString(FINDER)) fail("a finder in front");
    preload_all(list);
}

/* A finder and loader in C that does the least there is: specs and modules were made before. What an import with
 * it takes is importlib's own. */
static PyObject **least_specs, **least_modules;
static long least_next;

static PyObject *least_find(PyObject *self, PyObject *const *args, Py_ssize_t n) {
    PyObject *spec = least_specs[least_next];
    Py_INCREF(spec);
    return spec;
}

static PyObject *least_create(PyObject *self, PyObject *spec) {
    PyObject *module = least_modules[least_next++];
    Py_INCREF(module);
    return module;
}

static PyObject *least_exec(PyObject *self, PyObject *module) { Py_RETURN_NONE; }

static PyMethodDef LEAST_METHODS[] = {
    {"find_spec", (PyCFunction)(void (*)(void))least_find, METH_FASTCALL, NULL},
    {"create_module", least_create, METH_O, NULL},
    {"exec_module", least_exec, METH_O, NULL},
    {NULL, NULL, 0, NULL}};

static void least_all(PyObject *list) {
    static PyType_Slot slots[] = {{Py_tp_methods, LEAST_METHODS}, {0, NULL}};
    static PyType_Spec type = {"bench.Least", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, slots};
    PyObject *class = PyType_FromSpec(&type), *finder = class ? PyObject_CallNoArgs(class) : NULL;
    PyObject *bootstrap = PyImport_GetModule(PyUnicode_FromString("_frozen_importlib"));
    PyObject *spec_class = PyObject_GetAttrString(bootstrap, "ModuleSpec");
    if (!finder || PyList_Insert(PySys_GetObject("meta_path"), 0, finder) < 0) fail("the least finder");
    Py_ssize_t all = PyList_GET_SIZE(list);
    least_specs = calloc(all, sizeof *least_specs);
    least_modules = calloc(all, sizeof *least_modules);
    for (Py_ssize_t i = 0; i < all; i++) {
        PyObject *name = PyList_GET_ITEM(list, i), *parts = PyObject_CallMethod(name, "rpartition", "s", ".");
        least_specs[i] = PyObject_CallFunctionObjArgs(spec_class, name, finder, NULL);
        /* Whatever spares importlib work is there already, as linktab's loader has it. */
        if (!least_specs[i] || PyObject_SetAttrString(least_specs[i], "_initializing", Py_False) < 0) fail("a spec");
        least_modules[i] = PyModule_NewObject(name);
        PyObject_SetAttrString(least_modules[i], "__loader__", finder);
        PyObject_SetAttrString(least_modules[i], "__package__", PyTuple_GET_ITEM(parts, 0));
    }
    import_all(list);
}

static PyObject *nothing(PyObject *self, PyObject *const *args, Py_ssize_t n) { Py_RETURN_NONE; }
static PyMethodDef NOTHING = {"find_spec", (PyCFunction)(void (*)(void))nothing, METH_FASTCALL, NULL};

/* The search for a name that nobody has, with the first finder alone on sys.meta_path, or with one
 * that does nothing, in C. */
static void miss_all(void) {
    PyObject *meta_path = PySys_GetObject("meta_path"), *first = NULL;
    if (!strcmp(how, "none")) {
        PyObject *types = PyImport_ImportModule("types");
        first = PyObject_CallMethod(types, "SimpleNamespace", NULL);
        PyObject_SetAttrString(first, "find_spec", PyCFunction_New(&NOTHING, NULL));
    } else {
        first = PyList_GET_ITEM(meta_path, 0);
        Py_INCREF(first);
    }
    PyObject *alone = PyList_New(1);
    PyList_SET_ITEM(alone, 0, first);
    PySys_SetObject("meta_path", alone);
    PyObject *bootstrap = PyImport_GetModule(PyUnicode_FromString("_frozen_importlib"));
    PyObject *find = PyObject_GetAttrString(bootstrap, "_find_spec");
    PyObject *wanted = PyList_New(0);
    for (int i = 0; i < 1000; i++) {
        PyObject *name = PyUnicode_FromFormat("some.other_package_%d.module", i);
        PyList_Append(wanted, name);
        PyObject_Hash(name);
    }
    mark();
    double before = cpu();
    for (long i = 0; i < count; i++) {
        PyObject *args[] = {PyList_GET_ITEM(wanted, i % 1000), Py_None};
        PyObject *spec = PyObject_Vectorcall(find, args, 2, NULL);
        if (spec != Py_None) fail("a spec for nothing");
        Py_DECREF(spec);
    }
    printf("cpu %.0f\n", cpu() - before);
}

/* Optional modules that are not there, in a package: one of the table's, or one that the table knows nothing
 * of. */
static void optional_all(const char *package) {
    PyObject *wanted = PyList_New(0);
    for (int i = 0; i < 100; i++) PyList_Append(wanted, PyUnicode_FromFormat("%s._optional_%d", package, i));
    mark();
    double before = cpu();
    for (long i = 0; i < count; i++) {
        PyObject *name = PyList_GET_ITEM(wanted, i % 100);
        if (PyImport_ImportModuleLevelObject(name, NULL, NULL, NULL, 0)) fail("a module for nothing");
        if (!PyErr_ExceptionMatches(PyExc_ModuleNotFoundError)) fail("optional");
        PyErr_Clear();
    }
    double after = cpu();
    mark();
    printf("cpu %.0f\n", after - before);
}

/* A package beside those of `names`, as deep as theirs. */
static const char *elsewhere(void) {
    static const char MADE[] = "import sys\n"
                               "for name in 'else', 'else.where', 'else.where.entirely':\n"
                               "    module = sys.modules[name] = type(sys)(name)\n"
                               "    module.__path__ = ['/nowhere/' + name]\n";
    PyRun_SimpleString(MADE);
    return "else.where.entirely";
}

static void memory(void) {
    FILE *file = fopen("/proc/self/smaps_rollup", "r");
    char line[256];
    while (file && fgets(line, sizeof line, file))
        if (!strncmp(line, "Private_Dirty:", 14) || !strncmp(line, "Rss:", 4)) fputs(line, stdout);
}

int main(int argc, char **argv) {
    if (argc != 5) fail("usage: peer HOW ACTION PICKED COUNT");
    how = argv[1];
    const char *action = argv[2];
    picked = strtoul(argv[3], NULL, 10);
    count = strtol(argv[4], NULL, 10);
    if (bench_before_python(how) < 0) fail("before Python");
    start();
    if (bench_with_python(how) < 0) fail("with Python");
    if (!strcmp(action, "start")) {
        printf("cpu %.0f\n", cpu());
    } else if (!strcmp(action, "memory")) {
        memory();
    } else if (!strcmp(action, "miss")) {
        miss_all();
    } else if (!strcmp(action, "elsewhere")) {
        optional_all(elsewhere());
    } else if (!strcmp(action, "optional")) {
        PyObject *last = PyObject_CallMethod(PyList_GET_ITEM(names(), 0), "rpartition", "s", ".");
        optional_all(PyUnicode_AsUTF8(PyTuple_GET_ITEM(last, 0)));
    } else {
        PyObject *list = names();
        void (*use)(PyObject *) = !strcmp(action, "import")    ? import_all
                                  : !strcmp(action, "floor")   ? floor_all
                                  : !strcmp(action, "preload") ? preload_all
                                  : !strcmp(action, "behind")  ? behind_all
                                  : !strcmp(action, "least")   ? least_all
                                                               : NULL;
        if (!use) fail("no such action");
        mark();
        double before = cpu();
        use(list);
        double after = cpu();
        mark();
        printf("cpu %.0f\n", after - before);
    }
    fflush(stdout);
    _exit(0);
}
