# How the bytes of an entry are in the archive: as they are, or deflated, which is all that zipimport knows
# (APPNOTE.TXT, 4.4.5). Behind pack_links.py.
SUM = b"LT\x04\x00"  # registry/src/layout.rs, `mark`


class Stored:
    """Not every CPython has zlib inside."""

    def write(self, archive, name, data):
        archive.writestr(zipfile.ZipInfo(name), data)


class Deflated(Stored):
    """All but what a start reads before it can inflate anything, and what would not be shorter."""

    def __init__(self):
        try:
            import zlib
        except ImportError as error:
            raise Refusal(
                f"--compress needs zlib, in the program as well as here, and this executable has none ({shown(str(error))}): "
                "build its CPython with zlib, or pack without --compress"
            ) from None
        self.zlib = zlib
        # Where zlib is a shared extension, it is in the archive too.
        self.is_inside = "zlib" in sys.builtin_module_names

    def write(self, archive, name, data):
        packed = data if self.comes_before_zlib(name) else self.deflate(data)
        if len(packed) >= len(data):
            super().write(archive, name, data)
            return
        entry = zipfile.ZipInfo(name)
        entry.extra = SUM + struct.pack("<I", self.zlib.crc32(packed))
        # zipfile deflates by itself only; so the header is written again, with what it says of deflated bytes.
        archive.writestr(entry, packed)
        entry.compress_type, entry.file_size, entry.CRC = zipfile.ZIP_DEFLATED, len(data), self.zlib.crc32(data)
        archive.fp.seek(entry.header_offset)
        archive.fp.write(entry.FileHeader(False))
        archive.fp.seek(archive.start_dir)

    def deflate(self, data):
        deflate = self.zlib.compressobj(9, self.zlib.DEFLATED, -15)
        return deflate.compress(data) + deflate.flush()

    def comes_before_zlib(self, name):
        if self.is_inside:
            return False
        if name.startswith("encodings/"):  # Any of them may be the machine's.
            return True
        if name.startswith(f"{LIBRARIES}/libz."):  # What zlib needs itself.
            return True
        if name.endswith(SUFFIXES) and "/" not in name:
            return name.startswith("zlib.")
        return os.path.splitext(name)[0].replace("/", ".") in BEFORE_ZLIB
