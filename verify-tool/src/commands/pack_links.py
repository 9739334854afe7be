# Which shared objects of an archive need which others of it, and what has to change in a copy of one so that the
# dynamic linker takes them from memory: bytes of ELF files in, a table for pack_shared.py out.
#
# In the copy, the names of those others are paths, which the linker opens as they are; libraries may then
# need each other, and have any soname or none. A path is known only when a file is loaded: there is a slot for
# each, behind the last segment, which therefore moves to the end of the file (elf(5), "Program header").
import hashlib
import posixpath
import struct

SLOT = 64  # Room for a path as pack_shared.py makes them.
LOAD, DYNAMIC, INTERPRETER = 1, 2, 3
NEEDED, STRTAB, SONAME, RPATH, RUNPATH, VERNEED, VERNEEDNUM = 1, 5, 14, 15, 29, 0x6FFFFFFE, 0x6FFFFFFF
NOTHING = 0x6000000D  # The first tag of those for operating systems, which glibc passes over.


class SharedObject:
    """A 64-bit shared object, of either byte order, as far as it says what it needs."""

    def __init__(self, data):
        self.data, self.order = data, "<" if data[5] == 1 else ">"
        start, size, count = self.read("Q", 32)[0], *self.read("HH", 54)
        headers = [(start + index * size, self.read("IIQQQQQQ", start + index * size)) for index in range(count)]
        self.loads = [(at, header) for at, header in headers if header[0] == LOAD]
        self.dynamic = []  # (offset, tag, value)
        for _, (_, _, offset, _, _, size, _, _) in [pair for pair in headers if pair[1][0] == DYNAMIC]:
            for at in range(offset, offset + size, 16):
                tag, value = self.read("QQ", at)
                if tag == 0:
                    break
                self.dynamic.append((at, tag, value))
        loaders = [self.data[header[2] : header[2] + header[5]] for _, header in headers if header[0] == INTERPRETER]
        self.loader = loaders[0].rstrip(b"\0").decode() if loaders else None
        self.values = {tag: value for _, tag, value in self.dynamic}
        self.soname = self.string(self.values[SONAME]) if SONAME in self.values else None
        self.needed = {self.string(value): at for at, tag, value in self.dynamic if tag == NEEDED}
        paths = {tag: (at, self.string(value)) for at, tag, value in self.dynamic if tag in (RPATH, RUNPATH)}
        self.paths = [(at, path) for at, path in paths.values() if "ORIGIN" in path]
        self.path = paths.get(RUNPATH, paths.get(RPATH, (0, "")))[1]  # The first counts where both are.
        # A path for what it loads and what that loads, unless the loaded object has one of its own (ld.so(8), "RPATH").
        self.has_own = RUNPATH in paths
        self.inherited = "" if self.has_own else paths.get(RPATH, (0, ""))[1]
        self.versions = list(self.asked_versions())
        self.size, self.data = len(data), None  # All of an archive's are more than it pays to hold.

    def read(self, form, at):
        return struct.unpack_from(self.order + form, self.data, at)

    def offset(self, address):
        for _, (_, _, offset, start, _, size, _, _) in self.loads:
            if start <= address < start + size:
                return offset + address - start
        raise ValueError(f"address {address:#x} is in no segment")

    def string(self, index):
        start = self.offset(self.values[STRTAB]) + index
        return bytes(self.data[start : self.data.index(b"\0", start)]).decode("utf-8", "surrogateescape")

    def asked_versions(self):
        """The files whose versions are asked for: (offset of the name's index, name)."""
        at = self.offset(self.values[VERNEED]) if VERNEED in self.values else 0
        for _ in range(self.values.get(VERNEEDNUM, 0)):
            _, _, name, _, following = self.read("HHIII", at)
            yield at + 4, self.string(name)
            at += following


class Links:
    """All shared objects of an archive."""

    def __init__(self):
        self.objects = {}
        self.content = hashlib.sha256()  # Names the folder of those that are extracted.
        self.inner = frozenset()  # Those that others lead to.
        self.sonames = {}  # By folder and soname; wheels hold what was a link as another copy.

    def add(self, file, data):
        """Looks at a file; one that no reader understands is left to the dynamic linker's own judgement."""
        if data[:4] != b"\x7fELF":
            return
        self.content.update(f"{file} {len(data)} ".encode() + data)
        if data[4:5] != b"\x02":
            return
        try:
            self.objects[file] = SharedObject(data)
        except (ValueError, KeyError, struct.error):
            return
        self.sonames.setdefault((posixpath.dirname(file), self.objects[file].soname), file)

    def table(self):
        found = {file: self.found(file) for file in self.objects}
        # What only others of a wheel lead to: a library that they share need not say where another is.
        inner = {(wheel(path), name): path for paths in found.values() for name, path in paths.items()}
        self.inner = frozenset(inner.values())
        for file in self.inner:
            for name in self.objects[file].needed:
                path = inner.get((wheel(file), name))
                if path is not None:
                    found[file].setdefault(name, path)
        links = {file: change(self.objects[file], found[file]) for file in sorted(self.objects)}
        return {file: link for file, link in links.items() if link}

    def found(self, file):
        """Which names a file needs that its own search path, or its folder, leads to: in the archive."""
        folder, wanted = posixpath.dirname(file), self.objects[file]
        search = [part for part in wanted.path.split(":") if "ORIGIN" in part]
        folders = [part.replace("${ORIGIN}", "$ORIGIN").replace("$ORIGIN", "/" + folder) for part in search]
        folders = [posixpath.normpath(part).lstrip("/") for part in folders]
        paths = {}
        for name in wanted.needed:
            places = [(place, posixpath.join(place, name)) for place in [*folders, folder, LIBRARIES] if place]
            for place, path in places:
                if path in self.objects and path != file:
                    soname = self.objects[path].soname
                    paths.setdefault(name, self.sonames[place, soname] if soname else path)
        return paths


def wheel(file):
    """`numpy` of `numpy/_core/x.so` and of `numpy.libs/y.so`."""
    top = file.split("/")[0]
    return top[: -len(".libs")] if top.endswith(".libs") else top


def change(this, paths):
    """(bytes to be replaced, what is copied where, what the slots name), or None where nothing is."""

    def word(value, form="Q"):
        return struct.pack(this.order + form, value)

    edits = [(at, word(NOTHING)) for at, _ in this.paths]
    if not paths:
        return (tuple(edits), None, ()) if edits else None
    at, (_, _, start, address, _, size, memory, align) = max(this.loads, key=lambda load: load[1][3])
    align = max(align, 1)
    to = this.size + (start - this.size) % align
    needs = sorted(set(paths.values()))
    slots = to + memory
    room = memory + len(needs) * SLOT
    edits += [(at + 8, word(to)), (at + 32, word(room)), (at + 40, word(room))]
    names = address + memory - this.values[STRTAB]
    index = {name: names + needs.index(path) * SLOT for name, path in paths.items()}
    edits += [(this.needed[name] + 8, word(index[name])) for name in paths]
    edits += [(at, word(index[name], "I")) for at, name in this.versions if name in paths]
    return tuple(edits), (start, size, to, slots), tuple(needs)
