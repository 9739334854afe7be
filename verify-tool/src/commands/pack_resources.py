# What `importlib.resources` reads of packages in the archive. zipfile would parse the archive's whole directory for
# each question, thousands of entries by Python code, and look through all of them for each folder; so it is shown a
# file whose directory has the entries of one top-level package alone. Behind pack_start.py.


def resource_reader(self, fullname):
    reader = get_resource_reader(self, fullname)
    if self.archive != ARCHIVE or not hasattr(reader, "files"):
        return reader

    class PackageReader(type(reader)):
        def files(self):
            import zipfile

            archive = zipfile.ZipFile(PackageFile(self.prefix.partition("/")[0] + "/"))
            return path_class()(archive, self.prefix)

    return PackageReader(self, fullname)


def path_class(made=[]):
    """Of files that are in the folder of data files already, `as_file` makes no copies: who asks for one may want what is
    beside it."""
    if not made:
        import contextlib
        import pathlib
        import zipfile
        from importlib.resources import as_file

        class Path(zipfile.Path):
            __module__ = zipfile.Path.__module__

            def _next(self, at):
                return Path(self.root, at)

        @as_file.register(Path)
        @contextlib.contextmanager
        def as_file_there(path):
            there = pathlib.Path(*ROOTS[1:], path.at)
            if len(ROOTS) > 1 and path.is_file() and there.is_file():
                yield there
            else:
                with of_any(path) as copy:
                    yield copy

        of_any = as_file.dispatch(zipfile.Path)
        made.append(Path)
    return made[0]


class PackageFile:
    """The program's file up to the archive's directory, and a shorter one there (APPNOTE.TXT, 4.3.12 and 4.3.16)."""

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
            self.file.seek(self.at)
            found = self.file.read(size)
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
