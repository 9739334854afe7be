"""Says of the CPython that runs this how a program links it: `python3 cpython.py static|shared|any`.

One `key=value` on a line, for `linktab install-sdk` and for CMake. `library` is empty where there is none.
"""

import os
import sys
import sysconfig


def config(name):
    return sysconfig.get_config_var(name) or ""


def folders(kind):
    # A configuration variable keeps the path of the machine that built this Python: where it was moved, the path may
    # lead to another Python.
    for name in ("LIBPL", "LIBDIR") if kind == "static" else ("LIBDIR",):
        if config(name).startswith(sys.base_prefix):
            yield config(name)
    stdlib = sysconfig.get_path("stdlib")
    yield from sorted(os.path.join(stdlib, name) for name in os.listdir(stdlib) if name.startswith("config-"))
    for name in config("MULTIARCH"), "":
        yield os.path.join(sys.base_prefix, "lib", name)


def first(kind, *names):
    return next(filter(os.path.isfile, (os.path.join(folder, name) for name in names for folder in folders(kind))), "")


def library(kind):
    stem = "libpython" + config("LDVERSION")
    if kind == "static":
        # Debian's plain archive fits into no shared object; its programs take either.
        return first(kind, stem + "-pic.a", stem + ".a")
    return first(kind, stem + ".so", stem + ".dylib")


def words(kind, path):
    """What follows the library on a linker's command line, each word once; the last place counts."""
    if kind == "shared":
        return ["-Wl,-rpath," + os.path.dirname(path)]
    found, rest = [], " ".join(map(config, ("LIBS", "SYSLIBS", "MODLIBS"))).split()
    while rest:
        word = rest.pop(0)
        if word == "-framework" and rest:
            word = "-Wl,-framework," + rest.pop(0)
        if word.startswith(("-l", "-L", "-Wl,")):
            found = [known for known in found if known != word] + [word]
    return found


kinds = ["static", "shared"] if sys.argv[1] == "any" else sys.argv[1:2]
kind = next(filter(library, kinds), kinds[0])
path = library(kind)
flags = ("t" if config("Py_GIL_DISABLED") else "") + ("d" if config("Py_DEBUG") else "")
includes = dict.fromkeys(sysconfig.get_path(name) for name in ("include", "platinclude"))
for key, value in {
    "implementation": {"cpython": "CPython"}.get(sys.implementation.name, sys.implementation.name),
    "version": "%d.%d" % sys.version_info[:2],
    "flags": flags,
    "pointer_width": 64 if sys.maxsize > 2**32 else 32,
    "executable": sys.executable,
    "home": sys.base_prefix,
    "includes": ";".join(includes),
    "header": next(filter(os.path.isfile, (os.path.join(folder, "Python.h") for folder in includes)), ""),
    "kind": kind,
    "library": path,
    "words": ";".join(words(kind, path)),
}.items():
    print("%s=%s" % (key, value))
