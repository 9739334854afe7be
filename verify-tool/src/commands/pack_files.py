# Which files of an archive a module may want to open beside itself, and when: the user's files in, a table for
# pack_data.py out.
class Data:
    """Files that a module may open beside itself, by the folder whose first import wants them: a package, its tests, or
    the place of modules in no package."""

    # Of no use to a program that runs: for type checkers, Cython and compilers.
    FOR_TOOLS = (".pyi", "py.typed", ".pyx", ".pxd", ".pxi", ".h", ".hpp", ".hxx", ".c", ".cc", ".cpp", ".f", ".a")
    TESTS = {"test", "tests"}

    def __init__(self):
        self.files = []
        self.packages = set()
        self.alone = []  # Modules in no package that look for files.
        self.groups = []  # What mypyc makes of several packages' modules; they take their folders from where it is.
        self.sources = {}  # Of modules in packages, by their names; and by folder, the strings of those that look for files.
        self.strings = {}

    def add_module(self, name, path, code):
        if "/" in name:
            self.packages.add(name.split("/")[0])
            self.sources[name] = path
            if names_its_file(code):
                self.strings.setdefault(os.path.dirname(name), set()).update(strings(code))
        elif names_its_file(code):
            self.alone.append(name + "c")

    def opened(self):
        """Sources that somebody reads, and no importer: what no `import` can name, what a module beside it names as a file,
        and templates in folders that are no packages."""
        for name, path in self.sources.items():
            *folders, file = name[:-3].split("/")
            folder = "/".join(folders)
            is_template = "templates" in folders and f"{folder}/__init__.py" not in self.sources
            is_module = file.isidentifier() and all(part.isidentifier() for part in folders)
            if is_template or not is_module or f"{file}.py" in self.strings.get(folder, ()):
                yield name, path

    def add(self, name, path, data):
        mode = 0o500 if os.access(path, os.X_OK) else 0o400
        if data[:4] == b"\x7fELF" and ".so" in os.path.basename(name):
            if not name.endswith(SUFFIXES) or b"PyInit_" in data or b"PyModExport_" in data:
                self.groups += [name] if "__mypyc." in name and "/" not in name else []
                return  # An extension.
            mode = None  # A library that somebody loads by its path, unless extensions lead to it.
        if name.endswith(self.FOR_TOOLS) or name.split("/")[0].endswith((".dist-info", ".egg-info")):
            return
        self.files.append((name, mode, hashlib.sha256(data).digest()))

    def table(self, archive, loaded):
        """Files by folder, with their sizes in the archive, but for libraries that are `loaded` with others; and what a
        module's path begins with if one of these folders is its own or above it."""
        folders = {}
        for name, mode in sorted((name, mode) for name, mode, _ in self.files if name not in loaded):
            parts = name.split("/")[:-1]
            if not parts or parts[0] not in self.packages:
                parts = []
            tests = [count for count, part in enumerate(parts, 1) if part in self.TESTS]
            folder = "/".join(parts[: tests[-1]] if tests else parts[:1])
            folders.setdefault(folder, []).append((name, archive.getinfo(name).file_size, mode))
        tops = {folder.split("/")[0] for folder in folders if folder}
        tops = sorted(tops.union(self.alone if "" in folders else (), self.groups if tops else ()))
        return {folder: tuple(files) for folder, files in folders.items()}, dict.fromkeys(tops)


def strings(code):
    for const in code.co_consts:
        if isinstance(const, str):
            yield const
        elif isinstance(const, (tuple, frozenset)):
            yield from (part for part in const if isinstance(part, str))
        elif isinstance(const, type(code)):
            yield from strings(const)


def names_its_file(code):
    inner = (const for const in code.co_consts if isinstance(const, type(code)))
    return "__file__" in code.co_names or any(map(names_its_file, inner))
