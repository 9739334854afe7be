# Data files of packages, as files: what stands beside a module in the archive is put into a private folder when the
# first module of its package is imported, and the package's modules say that they are there (`__file__`, `__path__`).
# The module `_linktab_data`; called by pack_start.py, and only for packages that have data.
#
# A file that is there already has to be one that this wrote: of its owner, size and date, and read-only. That is asked
# of the system, and not of the bytes: there may be thousands, and who can change one can change what reads it.
import os
import stat
import sys
import zipimport

import _frozen_importlib_external as external
from _linktab_shared import ARCHIVE, CONTENT, LOCK, VARIABLE, base, closure, loaded, place, private, read
from _linktab_start import ROOTS

DATE = 315532800  # 1980-01-01, as the archive has it.
FOLDER = None  # Not known yet; "" where there is none.
MADE = set()  # Folders in there.


def placed(name):
    """Where a module of the archive says it is, with the data of its packages beside it."""
    if not put(units(name.split("/")), os.path.dirname(name)):
        return f"{ARCHIVE}/{name}"
    source = f"{FOLDER}/{name[:-1]}"
    # Where the source is a file too, it is what the module is called by, as ever.
    is_there = name[:-1] in zipimport._zip_directory_cache.get(ARCHIVE, ()) and os.path.isfile(source)
    return source if is_there else f"{FOLDER}/{name}"


def environment():
    """What wheels have for the `share` and `etc` of an environment is below `sys.prefix`, as in one."""
    if put([ENVIRONMENT], ""):
        sys.prefix = sys.exec_prefix = FOLDER
        scheme("data", FOLDER)


def units(parts):
    """The folders whose files a module may expect beside it or above it, by their paths in the archive."""
    return ["/".join(parts[:count]) for count in range(1, len(parts))] or [""]


def put(units, folder):
    """Whether the files of some folders are there now, and `folder` too."""
    global FOLDER
    with LOCK:
        if FOLDER is None:
            begin()
        if FOLDER:
            try:
                for unit in units:
                    extract(unit)
                if folder not in MADE:  # Asking the system for each module takes as long as loading some.
                    os.makedirs(f"{FOLDER}/{folder}", 0o700, exist_ok=True)
                    MADE.add(folder)
            except (ImportError, OSError) as error:
                FOLDER = ""
                refuse(str(error))
        return bool(FOLDER)


def begin():
    global FOLDER
    FOLDER = ""
    if os.environ.get(VARIABLE) == "0":
        return refuse(f"{VARIABLE} is 0")
    try:
        folder = f"{base('data files')}/{CONTENT}"
        private(folder)
    except (ImportError, OSError) as error:
        return refuse(str(error))
    FOLDER = folder
    ROOTS.append(folder)
    sys.excepthook = explaining(sys.excepthook)
    get_data = zipimport.zipimporter.get_data

    def get_data_of_either(self, path):
        inner = path[len(folder) :] if self.archive == ARCHIVE and path.startswith(f"{folder}/") else None
        return get_data(self, path if inner is None else ARCHIVE + inner)

    zipimport.zipimporter.get_data = get_data_of_either
    if not hasattr(zipimport.zipimporter, "exec_module"):  # 3.9 makes `__path__` from the archive's name alone.
        fix_up = external._fix_up_module

        def fix_up_module(names, name, path, cached=None):
            if "__path__" in names and path.startswith(f"{folder}/"):
                names["__path__"] = [os.path.dirname(path)]
            fix_up(names, name, path, cached)

        external._fix_up_module = fix_up_module


def extract(unit):
    for file, size, mode in FILES.get(unit, ()):
        if mode is None:  # A library that is loaded by its path, and leads to others from there.
            for needed in closure(file):
                place(FOLDER, needed, read(needed))
        elif not is_ours(f"{FOLDER}/{file}", size, mode):
            place(FOLDER, file, read(file), mode, DATE)
        if file.startswith("bin/"):
            scheme("scripts", f"{FOLDER}/bin")
    FILES.pop(unit, None)


def scheme(what, folder):
    """What came with wheels is where their packages ask for it, as in an environment."""
    import sysconfig

    default = getattr(sysconfig, "get_default_scheme", None) or sysconfig._get_default_scheme
    # What is the default changes with `sys.prefix` (from 3.11 on), but not for who does not ask for it.
    for name in {default(), sysconfig.get_path.__defaults__[0]}:
        sysconfig._INSTALL_SCHEMES[name][what] = folder


def is_ours(path, size, mode):
    try:
        found = os.lstat(path)
    except OSError:
        return False
    wanted = (stat.S_IFREG | mode, os.geteuid(), size, DATE, 1)
    return (found.st_mode, found.st_uid, found.st_size, found.st_mtime, found.st_nlink) == wanted


def explaining(original):
    """Who looks for the code of a package as files is told how they come there."""

    def excepthook(kind, error, trace):
        original(kind, error, trace)
        path = getattr(error, "filename", None)
        inner = path[len(FOLDER) + 1 :] if isinstance(path, str) and path.startswith(f"{FOLDER}/") else ""
        names = zipimport._zip_directory_cache.get(ARCHIVE, ())
        if inner and sys.stderr and any(name in names for name in (inner, inner + "c", inner + "/__init__.pyc")):
            package = inner.partition("/")[0]
            print(
                f"linktab: {inner} is packed, and put into no folder: `linktab pack --unpack {package}` puts all of {package} there",
                file=sys.stderr,
            )

    return excepthook


def refuse(why):
    """Whoever opens a data file all the same is told why it is none; the events are those of CPython's audit hooks."""

    def hook(event, arguments):
        if event in ("open", "os.listdir", "os.scandir"):
            path = arguments[0]
            inner = path[len(ARCHIVE) + 1 :] if isinstance(path, str) and path.startswith(f"{ARCHIVE}/") else ""
            names = zipimport._zip_directory_cache.get(ARCHIVE, ())
            if inner in names or f"{inner}/" in names:
                raise NotADirectoryError(20, f"a data file that is packed, and was put into no folder: {why}", path)

    sys.addaudithook(hook)
