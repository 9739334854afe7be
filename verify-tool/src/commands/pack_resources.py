# What `importlib.resources` reads of packages in the archive. zipfile would parse the archive's whole directory for
# each question, thousands of entries by Python code, and look through all of them for each folder; so it is shown a
# file whose directory has the entries of one top-level package alone. Behind pack_start.py.


def resource_reader(self, fullname):
    reader = get_resource_reader(self, fullname)
    if self.archive != ARCHIVE or not hasattr(reader, "files"):
        return reader

    return reader_class(type(reader))(self, fullname)


def namespace_reader(self, fullname):
    """A folder without an `__init__` is a namespace package, of which importlib before 3.13 reads what is on a disk alone."""
    path = list(self._path)
    root = next((root for root in ROOTS if len(path) == 1 and path[0].startswith(root + "/")), None)
    if root is None:
        return get_namespace_reader(self, fullname)
    from importlib.readers import ZipReader

    # From 3.13 on, what makes one asks for a module of that name.
    kind = reader_class(ZipReader)
    reader = kind.__new__(kind)
    reader.archive, reader.prefix = ARCHIVE, path[0][len(root) + 1 :] + "/"
    return reader


def reader_class(kind):
    class PackageReader(kind):
        def files(self):
            if self.prefix.partition("/")[0] in DATA and len(ROOTS) > 1:
                there = path_class()(ROOTS[1], self.prefix)
                if there.is_dir():
                    return there
            return packed(self.prefix)

    return PackageReader


def packed(inner, archives={}):
    import zipfile

    top = inner.partition("/")[0]
    if top not in archives:
        archives[top] = zipfile.ZipFile(PackageFile(f"{top}/"))
    return zipfile.Path(archives[top], inner)


def path_class(made=[]):
    """Of resources of a package whose data files are in their folder: it is a file's path, as in an environment, which
    `open`, `str` and others take. What the archive has alone (code, stubs) is read from there."""
    if not made:
        import contextlib
        import io
        import pathlib
        from importlib.resources import as_file

        class Path(type(pathlib.Path())):
            __module__ = pathlib.Path.__module__

            def packed(self, end=""):
                path, root = str(self), ROOTS[1] + "/"
                return packed(path[len(root) :] + end if path.startswith(root) else "")

            def is_file(self, **options):
                return super().is_file(**options) or self.packed().is_file()

            def is_dir(self, **options):
                return super().is_dir(**options) or self.packed("/").exists()

            def exists(self, **options):
                return super().exists(**options) or self.packed().exists() or self.packed("/").exists()

            def iterdir(self):
                folder = self.packed("/")
                return (self / found.name for found in folder.iterdir()) if folder.exists() else super().iterdir()

            def open(self, mode="r", buffering=-1, encoding=None, errors=None, newline=None):
                if super().exists() or not self.packed().is_file():
                    return super().open(mode, buffering, encoding, errors, newline)
                stream = self.packed().open("rb")
                return stream if "b" in mode else io.TextIOWrapper(stream, encoding, errors, newline)

            def __reduce__(self):
                return pathlib.Path, (str(self),)

        @as_file.register(Path)
        @contextlib.contextmanager
        def as_file_there(path):
            # No copies of a file that is there: who asks for it may want what is beside it.
            there = pathlib.Path(path)
            if there.is_file() or sys.version_info < (3, 12) and there.is_dir():  # Folders are copied from then on.
                yield there
            else:
                with of_any(path) as copy:
                    yield copy

        of_any = as_file.dispatch(object)
        made.append(Path)
    return made[0]


class PackageFile:
    """The program's file up to the archive's directory, and a shorter one there (APPNOTE.TXT, 4.3.12 and 4.3.16). It is
    read at places, not from where it stands: that is one for all processes that a fork makes."""

    name = ARCHIVE

    def __init__(self, prefix):
        from struct import pack

        files = __loader__._get_files() if hasattr(__loader__, "_get_files") else __loader__._files
        directory, count = bytearray(), 0
        for name in files:
            if name.startswith(prefix):
                _, method, packed, size, offset, time, date, crc = files[name]
                encoded, count = name.encode(), count + 1
                head = 20, 20, 0x800, method, time, date, crc, packed, size, len(encoded), 0, 0, 0, 0, 0, offset
                directory += b"PK\x01\x02" + pack("<6H3L5H2L", *head) + encoded
        self.file = _io.open(ARCHIVE, "rb")
        # Where it begins does not matter, if it is behind all entries.
        self.start = self.file.seek(0, 2)
        self.end = bytes(directory) + b"PK\x05\x06" + pack("<4H2LH", 0, 0, count, count, len(directory), self.start, 0)
        self.seek(0)

    def seek(self, offset, whence=0):
        if whence:
            offset += self.at if whence == 1 else self.start + len(self.end)
        self.at = offset
        return offset

    def read(self, size=-1):
        if self.at < self.start:
            from os import pread

            rest = self.start - self.at
            found = pread(self.file.fileno(), rest if size < 0 else min(size, rest), self.at)
        else:
            from_end = self.at - self.start
            found = self.end[from_end : None if size < 0 else from_end + size]
        self.at += len(found)
        return found

    def tell(self):
        return self.at

    def seekable(self):
        return True

    def close(self):
        self.file.close()


if hasattr(zipimport.zipimporter, "get_resource_reader"):
    get_resource_reader = zipimport.zipimporter.get_resource_reader
    zipimport.zipimporter.get_resource_reader = resource_reader
    import _frozen_importlib_external as external

    Namespace = getattr(external, "NamespaceLoader", None) or external._NamespaceLoader
    get_namespace_reader = getattr(Namespace, "get_resource_reader", None)
    if get_namespace_reader:  # From 3.10 on.
        Namespace.get_resource_reader = namespace_reader
