# Run by `linktab pack` inside the executable that is packed: whatever is compiled here is for the CPython
# in there, and comes from where that finds its standard library. Prints what was packed as JSON.
import sys

if sys.path and not sys.path[0]:
    del sys.path[0]  # A file in the current folder is none of the standard library's.

import os

BEFORE_ZLIB = {*sys.modules, "_linktab_start", "_linktab_shared"}  # What every start imports first.

import importlib._bootstrap_external as external
import importlib.machinery
import json
import sysconfig
import zipfile

COMMENT = b"linktab: Python code of this executable"  # registry/src/layout.rs, `mark`
# Tests, programs, and what installs packages; with all of it the file would be twice as large.
LEFT_OUT = {"ensurepip", "idlelib", "lib2to3", "test", "tests", "tkinter", "turtledemo", "venv"}
TESTS = ("_test", "_xxtest", "xxlimited", "xxsubtype", "_ctypes_test")
SUFFIXES = tuple(importlib.machinery.EXTENSION_SUFFIXES)
# zipimport reads no more of them (APPNOTE.TXT, 4.4.21 and 4.4.24).
MOST_FILES, MOST_BYTES = 65534, 2**32 - 2**16


class Refusal(Exception):
    """What the user has to change."""


def shown(path):
    """A path in one line, whatever is in it."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in path)


def walk(root, leave_out, warn):
    """Every file below `root`, as (name in the archive, path), in the order of their names."""

    def unreadable(error):
        raise error

    found, seen = [], {}
    for folder, folders, files in os.walk(root, onerror=unreadable, followlinks=True):
        # A linked folder is a folder, unless it leads back up.
        real = os.path.realpath(folder)
        seen[folder] = seen.get(os.path.dirname(folder), frozenset()) | {real}
        if real in seen.get(os.path.dirname(folder), ()):
            warn(f"{shown(folder)} is a link to a folder that it is in: left out")
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if name not in leave_out and not name.startswith("config-"))
        for file in sorted(files):
            path = os.path.join(folder, file)
            if os.path.isfile(path):
                found.append((os.path.relpath(path, root).replace(os.sep, "/"), path))
            elif leave_out is CODE:
                what = "a link that leads nowhere" if os.path.islink(path) else "no regular file"
                warn(f"{shown(path)} is {what}: left out")
    return sorted(found)


CODE = frozenset({"__pycache__"})


def standard_library(left_out, warn):
    no_modules = {"__pycache__", "site-packages", "dist-packages", "lib-dynload"}
    for name, path in walk(sysconfig.get_path("stdlib"), left_out | no_modules, warn):
        # What this machine's administrators want of Python is none of its library.
        if name.endswith((".py", ".txt")) and name not in ("sitecustomize.py", "usercustomize.py"):
            yield name, path
    shared = os.path.join(sysconfig.get_path("platstdlib"), "lib-dynload")
    if os.path.isdir(shared):  # Unless all are built in.
        for name, path in walk(shared, {"__pycache__"}, warn):
            if name.endswith(SUFFIXES) and not name.startswith(TESTS):
                yield name, path


class Archive:
    def __init__(self, file, options):
        self.zip = zipfile.ZipFile(file, "a", zipfile.ZIP_STORED)  # Appends to what is no archive.
        if self.zip.namelist():
            raise Refusal("the executable has an archive at its end already: pack the file that the linker made")
        self.zip.comment = COMMENT
        self.source = "source" in options
        self.strips = "strip" in options
        self.entries = Deflated() if "compress" in options else Stored()
        self.names = set()
        self.with_folders = True
        self.begins = 0  # Where that is which a start reads.
        self.tail = 0  # Where that begins which is compressed with the program.
        self.shared = {}
        self.paths = {}  # Where a shared object came from.
        self.links = Links()
        self.data = Data()
        self.warnings = []

    def warn(self, message):
        self.warnings.append(message)

    def add(self, name, data):
        """Without a date, so that a file can be made again."""
        folder = os.path.dirname(name.rstrip("/"))
        if folder and folder + "/" not in self.names and self.with_folders:
            # Without an entry of its own, a folder is no namespace package for zipimport before 3.13.
            self.add(folder + "/", b"")
        self.names.add(name)
        if len(self.names) > MOST_FILES or self.zip.fp.tell() + len(data) > MOST_BYTES:
            raise Refusal("too much for one archive: 65,534 files and 4 GB are the most that zipimport reads")
        self.links.add(name, data)
        self.entries.write(self.zip, name, data)

    def add_file(self, name, path):
        """How many modules it is. Of two of one name the first stays."""
        try:
            name.encode()
        except UnicodeEncodeError:
            self.warn(f"{shown(path)} is left out: its name is not UTF-8, as names in the archive are")
            return 0
        stem, suffix = os.path.splitext(name)
        if name in self.names or suffix == ".py" and name + "c" in self.names:
            self.warn(f"{shown(path)} is left out: {shown(name)} is there already")
            return 0
        with open(path, "rb") as file:
            data = file.read()
        if self.strips:
            data = stripped(data)
        if suffix == ".py" and name not in self.data.environment and self.add_module(name, path, data):
            return 1
        if name.endswith(SUFFIXES):
            stem = name[: -len(next(suffix for suffix in SUFFIXES if name.endswith(suffix)))]
            self.shared[stem.replace("/", ".").removesuffix(".__init__")] = name
        self.paths[name] = path
        self.add(name, data)
        if self.with_folders:
            self.data.add(name, path, data)
        return 0

    def add_module(self, name, path, data):
        try:
            code = compile(data, name, "exec", dont_inherit=True)
        except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError) as error:
            # It may be a template, and whoever imports it is told by the source.
            self.warn(f"{shown(path)} is no module, and packed as it is: {shown(str(error))}")
            return False
        # "Unchecked": the source beside is never compared, and need not be there (PEP 552).
        self.add(name + "c", external._code_to_hash_pyc(code, bytes(8), False))
        if self.with_folders:
            self.data.add_module(name, path, code)
        if self.source:
            self.add(name, data)
        return True

    def add_own(self, name, source):
        code = compile(source, name + ".py", "exec")
        self.add(name + ".pyc", external._code_to_hash_pyc(code, bytes(8), False))

    def add_opened(self):
        for name, path in list(self.data.opened()):
            with open(path, "rb") as file:
                data = file.read()
            if name not in self.names:  # With `--source` it is there.
                self.add(name, data)
            self.data.add(name, path, data)

    def finish(self, start, finder, data):
        links = self.links.table()
        files, tops, packages = self.data.table(self.zip, self.links.inner)
        for file, mode, digest in sorted(self.data.files, key=str):
            self.links.content.update(f"{file} {self.zip.getinfo(file).file_size} {mode} ".encode() + digest)
        # A package comes before an extension beside its folder.
        for name, file in list(self.shared.items()):
            if name.replace(".", "/") + "/__init__.pyc" in self.names and "/__init__." not in file:
                del self.shared[name]
        tables = {"EXTENSIONS": dict(sorted(self.shared.items())), "LINKS": links, "SLOT": SLOT}
        tables["CONTENT"] = self.links.content.hexdigest()[:32]
        tables["DEFLATED"] = isinstance(self.entries, Deflated)
        self.add_own("_linktab_start", f"{start}\nDATA = {tops!r}\nPREFIX = {packages!r}\n")
        self.add_own("_linktab_shared", "\n".join([finder, *(f"{name} = {table!r}" for name, table in tables.items())]))
        if files:
            self.add_own("_linktab_data", f"{data}\nENVIRONMENT = {ENVIRONMENT!r}\nFILES = {files!r}\n")
        # In the directory alone, whose beginning is easily found.
        self.zip.filelist[0].extra = AHEAD + struct.pack("<I", self.begins) + self.zip.filelist[0].extra
        self.zip.close()


def files_of(code, warn):
    return walk(code, CODE, warn) if os.path.isdir(code) else [(os.path.basename(code), code)]


def left_out_but(kept):
    unknown = sorted(set(kept) - LEFT_OUT)
    if unknown:
        raise Refusal(f"--keep {shown(unknown[0])}: expected one of {', '.join(sorted(LEFT_OUT))}")
    return LEFT_OUT - set(kept)


def pack(file, start, finder, data, options, kept, unpacked, entry, own_folders, *codes):
    options = options.split()
    archive = Archive(file, options)
    archive.data.unpacked = set(unpacked.split())
    left_out = left_out_but(kept.split())
    library = list(standard_library(left_out, archive.warn))
    # As with site-packages, what the standard library has is the standard library's.
    of_library = {name for name, _ in library}
    own, tests = [], {}
    for place, code in enumerate(codes):
        found = list(files_of(code, archive.warn))
        # What is given by `--code` is the user's, tests and all.
        is_of_others = place >= int(own_folders) and "keep-tests" not in options
        folders = folders_of_tests(found) if is_of_others else ()
        for name, path in found:
            if folders and folder_around(name, folders):
                package = name.split("/")[0]
                tests[package] = tests.get(package, 0) + os.path.getsize(path)
            elif name.endswith(".pth") and "/" not in name:
                archive.warn(f"{shown(path)} is left out: a packed program reads no .pth file")
            elif name in of_library:
                archive.warn(f"{shown(path)} is left out: the standard library has {shown(name)}")
            else:
                own.append((name, path))
    missing = sorted(archive.data.unpacked.difference(name.split("/")[0] for name, _ in own if "/" in name))
    if missing:
        raise Refusal(f"--unpack {shown(missing[0])}: no package of that name is packed")
    there = {name for name, _ in own}
    for name, path, packages in list(beside_packages(own)):
        if name.startswith("bin/"):
            archive.data.programs[name] = packages
        else:
            archive.data.environment.add(name)
        own += () if name in there else [(name, path)]
        there.add(name)
    first = First(own + library, entry).names
    # In the order of the archive: what a start reads is at its end, and behind it what is never deflated.
    late, early, tail = [], [], []
    for whose, files in (("own", own), ("library", library)):
        for name, path in files:
            is_last = "tail" in options and archive.entries.comes_before_zlib(name)
            (tail if is_last else early if name in first else late).append((whose, name, path))
    warnings, counts = archive.warnings, {"own": 0, "library": 0}

    def add(files):
        for whose, name, path in files:
            archive.warnings = warnings if whose == "own" else []
            archive.with_folders = whose == "own"
            counts[whose] += archive.add_file(name, path)

    add(late)
    archive.begins = archive.zip.fp.tell()
    add(early)
    archive.with_folders = False
    if "include-libs" in options:
        include(archive, warnings.append)
    archive.add_opened()
    archive.tail = archive.zip.fp.tell()
    add(tail)
    archive.finish(start, finder, data)
    # Python 2's files and the like in the standard library are nobody's fault here.
    names = [name for name in sorted(left_out) if os.path.isdir(os.path.join(sysconfig.get_path("stdlib"), name))]
    tests = {"packages": sorted(tests), "bytes": sum(tests.values())}
    found = {"shared": len(archive.shared), "left_out": names, "tests": tests, "warnings": warnings}
    return {**counts, **found, "tail": archive.tail}


def main(arguments):
    try:
        print(json.dumps(pack(*arguments)))
    except Refusal as refusal:
        sys.exit(f"error: {refusal}")
    except OSError as error:
        sys.exit(f"error: {shown(str(error.filename))}: {error.strerror}" if error.filename else f"error: {error}")
