"""What a packed program does before anything else: its own archive needs no look at the file system any more,
modules in it say where they are by a name that nothing else has, and so do those that are frozen into CPython.

Written by `linktab pack`; imported by finder/src/python/startup.rs.
"""

import _io
import sys
import zipimport
from _frozen_importlib import FrozenImporter
from _imp import _fix_co_filename

ARCHIVE = __loader__.archive
ROOTS = [ARCHIVE]  # And the folder of data files, once it is known (pack_data.py).
AHEAD = {}


def importer(path):
    """The file of a running program may be deleted or replaced: zipimport would look for it once for each package."""
    for root in ROOTS:
        if path == root or path.startswith(root + "/"):
            found = zipimport.zipimporter.__new__(zipimport.zipimporter)
            found.__dict__.update(__loader__.__dict__)
            found.prefix = path[len(root) + 1 :] and path[len(root) + 1 :].rstrip("/") + "/"
            return found
    raise ImportError("not in this program's file", path=path)


def place(path):
    """Where a module of the archive says it is: with the data of its package, if that has any."""
    inner = path[len(ARCHIVE) + 1 :]
    top = inner.partition("/")[0]
    if top in PREFIX:
        from _linktab_data import environment

        environment()
        PREFIX.clear()
    if top not in DATA:
        return path
    from _linktab_data import placed

    return placed(inner)


def find_spec(self, name, target=None):
    """A folder without `__init__` is where its data are as well: it may have nothing else."""
    spec = find(self, name, target)
    if spec is not None and spec.loader is None and self.archive == ARCHIVE:
        folders = spec.submodule_search_locations
        folders[:] = [place(f"{folder}/").rstrip("/") for folder in folders]
    return spec


def module_code(self, name, **options):
    """zipimport asks for a module's code twice, first for its file's name alone, and leaves in it the name that the
    file had when it was compiled. A relative one would be looked for in the current folder (Lib/linecache.py)."""
    if self.archive != ARCHIVE:
        return get_module_code(self, name, **options)
    key = self.prefix, name
    found = AHEAD.pop(key, None)
    if found is None:
        code, is_package, path = get_module_code(self, name, **options)
        path = place(path)
        found = code, is_package, path
        if code is not None:
            _fix_co_filename(code, path[:-1] if path.endswith(".pyc") else path)
            AHEAD.clear()
            AHEAD[key] = found
    return found


def excepthook(kind, error, trace, original=sys.excepthook):
    """As from 3.13 on: lines of code come from the archive, and not from any file of that name on `sys.path`
    (`_Py_FindSourceFile`, Python/traceback.c)."""
    try:
        from traceback import print_exception
    except ImportError:
        print_exception = original
    (original if sys.stderr is None else print_exception)(kind, error, trace)


def name_frozen_modules():
    """From 3.11 on: CPython would have done so, had it found a folder of its standard library."""
    sys._stdlib_dir = ARCHIVE
    for module in list(sys.modules.values()):
        spec = getattr(module, "__spec__", None)
        state = getattr(spec, "loader_state", None)
        if getattr(spec, "loader", None) is not FrozenImporter or hasattr(module, "__file__") or state is None:
            continue
        is_package = spec.submodule_search_locations is not None
        file, folder = FrozenImporter._resolve_filename(state.origname, spec.name, is_package)
        if file:
            module.__file__ = state.filename = file
        if folder:
            spec.submodule_search_locations.insert(0, folder)


sys.path_hooks.insert(0, importer)
get_module_code, zipimport._get_module_code = zipimport._get_module_code, module_code
if hasattr(zipimport.zipimporter, "find_spec"):  # In 3.9 such a folder is no place of resources.
    find, zipimport.zipimporter.find_spec = zipimport.zipimporter.find_spec, find_spec
if sys.version_info < (3, 13):
    sys.excepthook = sys.__excepthook__ = excepthook
if hasattr(FrozenImporter, "_resolve_filename"):
    name_frozen_modules()
