"""Extensions that are shared objects in the archive behind the executable, loaded from memory with the
libraries that came in their wheels.

`dlopen` wants files: each shared object gets one that only this process has (memfd_create(2)), for as long as
that takes. Written by `linktab pack`, which knows who needs whom (pack_links.py); what is behind `install`
is finder/src/python/shared_objects.rs.
"""

import _imp
import _thread
import posix
import sys
from _frozen_importlib import ModuleSpec, _call_with_frames_removed
from _frozen_importlib_external import ExtensionFileLoader, spec_from_file_location

from _linktab_start import DATA

ARCHIVE = __loader__.archive
# Two threads may import two extensions that need one library; to read one may take another.
LOCK = _thread.RLock()
posix.register_at_fork(after_in_child=LOCK._at_fork_reinit)


class SharedExtensionLoader(ExtensionFileLoader):
    def __init__(self, name, path, file):
        super().__init__(name, path)
        self.file = file  # In the archive.

    def create_module(self, spec):
        try:
            name = loaded(self.file) or load(self.file)
        except ImportError as error:
            raise ImportError(f"{self.path}: {error}", name=spec.name, path=self.path) from None
        memory = ModuleSpec(spec.name, self, origin=name)
        try:
            module = _call_with_frames_removed(_imp.create_dynamic, memory)
        except ImportError as error:
            if error.path == name:
                error.path = self.path
            raise
        if getattr(module, "__file__", None) == name:  # Single-phase: CPython has set it already.
            module.__file__ = self.path
        return module

    def get_data(self, path):
        return __loader__.get_data(path)


class SharedExtensionFinder:
    @classmethod
    def find_spec(cls, fullname, path=None, target=None):
        file = EXTENSIONS.get(fullname) or (of_own_name(fullname) if path is None else None)
        if file is None:
            return None
        path = f"{ARCHIVE}/{file}"
        if file.partition("/")[0] in DATA:
            from _linktab_data import placed

            path = placed(file)
        return spec_from_file_location(fullname, path, loader=SharedExtensionLoader(fullname, path, file))


def of_own_name(package):
    """An extension in a package that has put its folder on `sys.path`, to import the extension by the name of both."""
    file = EXTENSIONS.get(f"{package}.{package}")
    if file is None or package not in DATA:
        return None
    from _linktab_data import placed

    return file if placed(file).rpartition("/")[0] in sys.path else None


def load(file):
    """Loads a file of the archive and all that it needs; returns its name for `dlopen`."""
    with LOCK:
        name = loaded(file)
        if name is None:
            names = put(file)
            for needed in names:
                loaded(needed, names[needed])
            name = names[file]
    return name


def in_memory(file):
    """Everything that is not loaded yet exists in memory at once, since libraries may need each other; the
    dynamic linker then finds its own way."""
    names, opened = {}, {}
    try:
        for needed in closure(file):
            names[needed] = loaded(needed)
            if names[needed] is None:
                opened[needed] = posix.memfd_create(needed[-200:], posix.MFD_CLOEXEC)
                names[needed] = unlike_any_other(opened[needed])
        for needed in opened:
            fill(opened[needed], needed, names)
        try:
            dlopen(names[file].encode(), sys.getdlopenflags())
        except ImportError as error:
            raise ImportError(in_words(error.msg, names)) from None
    finally:
        # What is mapped needs no descriptor; and whoever closes all of them closes none of ours.
        for descriptor in opened.values():
            posix.close(descriptor)
    return names


def closure(file):
    """A file and what it needs of the archive, and so on; what is needed comes first, and nothing beyond what is loaded."""
    found, seen = [], {file}

    def visit(file):
        if loaded(file) is None:
            for needed in LINKS.get(file, NO_LINKS)[2]:
                if needed not in seen:
                    seen.add(needed)
                    visit(needed)
        found.append(file)

    visit(file)
    return found


def read(file):
    return __loader__.get_data(f"{ARCHIVE}/{file}")


def entry(file):
    """Where its header is."""
    files = __loader__._get_files() if hasattr(__loader__, "_get_files") else __loader__._files
    return files[file][4]


def unlike_any_other(descriptor):
    """The dynamic linker knows what it has loaded by name, and a descriptor's number is used again. So each name
    is another way to the folder: a number that is used once, its binary digits spelt `/` and `./`."""
    digits = f"{number():b}".replace("1", "./").replace("0", "/")
    return f"/proc/self/fd/{digits}{descriptor}"


def fill(descriptor, file, names):
    edits, moved, needs = LINKS.get(file, NO_LINKS)
    if not copy(descriptor, entry(file)):
        write(descriptor, read(file), 0)
    for offset, value in edits:
        write(descriptor, value, offset)
    if moved:
        start, size, to, slots = moved
        write(descriptor, posix.pread(descriptor, size, start), to)
        posix.ftruncate(descriptor, slots + len(needs) * SLOT)
        for index, needed in enumerate(needs):
            write(descriptor, names[needed].encode(), slots + index * SLOT)


def write(descriptor, data, offset):
    data = memoryview(data)
    while data:
        written = posix.pwrite(descriptor, data, offset)
        data, offset = data[written:], offset + written


def in_words(message, names):
    for file, name in names.items():
        message = message.replace(f"{name}:", f"{file}:")
    return message


def install(*functions):
    global number, loaded, copy, dlopen
    number, loaded, copy, dlopen = functions
    if SharedExtensionFinder not in sys.meta_path:
        # As in a folder, where an extension comes before a source file, and a folder without `__init__`, of its name.
        names = [getattr(finder, "__name__", None) for finder in sys.meta_path]
        at = names.index("PathFinder") if "PathFinder" in names else len(names)
        sys.meta_path.insert(at, SharedExtensionFinder)
    if DEFLATED:
        try:
            import zlib  # zipimport does, at a bad moment where there are threads.
        except ImportError as error:
            sys.stderr.write(f"linktab: {__loader__.archive} is compressed, and its zlib cannot be loaded: {error}\n")
            raise


NO_LINKS = ((), None, ())
