"""What a packed program does before anything else: its own archive needs no look at the file system any more,
and modules that are frozen into CPython say where they come from, as they do elsewhere.

Written by `linktab pack`; imported by finder/src/python/startup.rs.
"""

import sys
import zipimport
from _frozen_importlib import FrozenImporter

ARCHIVE = __loader__.archive


def importer(path):
    """The file of a running program may be deleted or replaced: zipimport would look for it once for each package."""
    if path != ARCHIVE and not path.startswith(ARCHIVE + "/"):
        raise ImportError("not in this program's file", path=path)
    found = zipimport.zipimporter.__new__(zipimport.zipimporter)
    found.__dict__.update(__loader__.__dict__)
    found.prefix = path[len(ARCHIVE) + 1 :] and path[len(ARCHIVE) + 1 :].rstrip("/") + "/"
    return found


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
if hasattr(FrozenImporter, "_resolve_filename"):
    name_frozen_modules()
