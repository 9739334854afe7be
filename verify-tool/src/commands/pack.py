# Run by `linktab pack` inside the executable that is packed: whatever is compiled here is for the CPython
# in there, and comes from where that finds its standard library.
import sys

if sys.path and not sys.path[0]:
    del sys.path[0]  # A file in the current folder is none of the standard library's.

import importlib._bootstrap_external as external
import importlib.machinery
import os
import shutil
import sysconfig
import zipfile

COMMENT = b"linktab: Python code of this executable"  # finder/src/python/attachment.rs
# Tests, programs, and what installs packages; with all of it the file would be twice as large.
LEFT_OUT = {"ensurepip", "idlelib", "lib2to3", "pydoc_data", "test", "tests", "tkinter", "turtledemo", "venv"}
TESTS = ("_test", "_xxtest", "xxlimited", "xxsubtype", "_ctypes_test")
SUFFIXES = tuple(importlib.machinery.EXTENSION_SUFFIXES)


def fail(message):
    sys.exit(f"error: {message}")


def walk(root, leave_out):
    """Every file below `root`, as (name in the archive, path), in the order of their names."""
    found = []
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in leave_out and not name.startswith("config-")]
        for file in files:
            path = os.path.join(folder, file)
            if not os.path.isfile(path):
                continue  # A link that leads nowhere.
            found.append((os.path.relpath(path, root).replace(os.sep, "/"), path))
    return sorted(found)


def standard_library():
    no_modules = {"__pycache__", "site-packages", "dist-packages", "lib-dynload"}
    for name, path in walk(sysconfig.get_path("stdlib"), LEFT_OUT | no_modules):
        # What this machine's administrators want of Python is none of its library.
        if name.endswith((".py", ".txt")) and name not in ("sitecustomize.py", "usercustomize.py"):
            yield name, path
    shared = os.path.join(sysconfig.get_path("platstdlib"), "lib-dynload")
    for name, path in walk(shared, {"__pycache__"}):
        if name.endswith(SUFFIXES) and not name.startswith(TESTS):
            yield name, path


class Archive:
    def __init__(self, file, source):
        self.zip = zipfile.ZipFile(file, "a", zipfile.ZIP_STORED)  # Appends to what is no archive.
        self.zip.comment = COMMENT
        self.source = source
        self.names = set()
        self.shared = {}

    def add(self, name, data):
        """Stored as it is: not every CPython has zlib inside. Without a date, so that a file can be made again."""
        if name in self.names:
            fail(f"{name} would be there twice: it is in the standard library or in two of --code")
        self.names.add(name)
        self.zip.writestr(zipfile.ZipInfo(name), data)

    def add_file(self, name, path, must_compile):
        with open(path, "rb") as file:
            data = file.read()
        if name.endswith(".py"):
            try:
                code = compile(data, name, "exec", dont_inherit=True)
            except (SyntaxError, ValueError) as error:
                if must_compile:
                    fail(f"{path} cannot be compiled: {error}")
                return 0
            # "Unchecked": the source beside is never compared, and need not be there (PEP 552).
            self.add(name + "c", external._code_to_hash_pyc(code, bytes(8), False))
            if self.source:
                self.add(name, data)
            return 1
        if name.endswith(SUFFIXES):
            stem = name[: -len(next(suffix for suffix in SUFFIXES if name.endswith(suffix)))]
            self.shared[stem.replace("/", ".")] = name
        self.add(name, data)
        return 0

    def finish(self, finder):
        source = f"{finder}\nEXTENSIONS = {dict(sorted(self.shared.items()))!r}\n"
        code = compile(source, "_linktab_shared.py", "exec")
        self.add("_linktab_shared.pyc", external._code_to_hash_pyc(code, bytes(8), False))
        self.zip.close()


def main(executable, output, finder, with_source, *codes):
    if zipfile.is_zipfile(executable):
        fail(f"{executable} has an archive at its end already: pack the file that the linker made")
    part = output + ".part"
    shutil.copyfile(executable, part)
    shutil.copymode(executable, part)
    archive = Archive(part, with_source == "yes")
    own = 0
    for code in codes:
        if not os.path.exists(code):
            fail(f"{code} is not there")
        files = walk(code, {"__pycache__"}) if os.path.isdir(code) else [(os.path.basename(code), code)]
        own += sum(archive.add_file(name, path, True) for name, path in files)
    library = sum(archive.add_file(name, path, False) for name, path in standard_library())
    archive.finish(finder)
    os.replace(part, output)
    size = os.path.getsize(output)
    print(
        f"{output}: {own} modules of yours, {library} of the standard library, {len(archive.shared)} shared "
        f"extensions; {size / 1e6:.1f} MB"
    )


main(*sys.argv[1:])
