# Which files of an archive a module may want to open beside itself, and when: the user's files in, a table for
# pack_data.py out.
ENVIRONMENT = ".."  # The place of what is in no folder of a package.
# Below `share`, of no use to a program itself.
OF_DESKTOPS = {"appdata", "applications", "bash-completion", "doc", "fish", "icons", "man", "metainfo", "mime", "pixmaps", "zsh"}


class Data:
    """Files that a module may open beside itself, by the folder whose first import wants them: a package, its tests, or
    the place of modules in no package."""

    # Of no use to a program that runs: for type checkers, Cython and compilers.
    FOR_TOOLS = (".pyi", "py.typed", ".pyx", ".pxd", ".pxi", ".h", ".hpp", ".hxx", ".c", ".cc", ".cpp", ".f", ".a")
    TESTS = {"test", "tests"}

    def __init__(self):
        self.files = []
        self.packages = set()
        self.modules = []  # In no package, and those of them that look for files.
        self.alone = []
        self.groups = []  # What mypyc makes of several packages' modules; they take their folders from where it is.
        self.unpacked = set()  # Packages of which all is data.
        self.programs = {}  # Of wheels, with the packages that came with them.
        self.environment = set()  # What wheels have for an environment's `share` and `etc`.
        self.stubs = {}  # With mode and sum, and those that modules read to know what they import later (lazy_loader).
        self.with_stubs = set()
        self.markers = {}  # By folder, modules that do nothing but make a package of it.
        self.sources = {}  # Of modules in packages, by their names; and by folder, the strings of those that look for files.
        self.strings = {}
        self.kept = {}  # Sources of modules whose machine code numba keeps: it asks for them as files, and for their bytes.

    def add_module(self, name, path, code):
        is_kept = "numba" in code.co_names and "cache" in strings(code)
        self.kept.update({name: path} if is_kept else {})
        if "/" in name:
            self.packages.add(name.split("/")[0])
            self.sources[name] = path
            if name.endswith("/__init__.py") and not set(code.co_names) - {"__doc__"}:
                self.markers[os.path.dirname(name)] = name, path
            if "__file__" in code.co_names and any("stub" in used for used in code.co_names):
                self.with_stubs.add(name + "i")
            if names_its_file(code):
                self.strings.setdefault(os.path.dirname(name), set()).update(strings(code))
        else:
            self.modules.append(name + "c")
            self.alone += [name + "c"] if is_kept or names_its_file(code) else []

    def opened(self):
        """Sources that somebody reads, and no importer: what no `import` can name, what a module beside it names as a file,
        templates in folders that are no packages, what numba asks for, and by what a folder of files is asked for (`as_file`)."""
        folders = {os.path.dirname(name) for name, _, _ in self.files if not self.TESTS.intersection(name.split("/"))}
        folders.difference_update(os.path.dirname(name) for name in self.sources if not name.endswith("/__init__.py"))
        markers = (self.markers[folder] for folder in sorted(folders & self.markers.keys()))
        yield from ((name, path) for name, path in markers if name.split("/")[0] not in self.unpacked)
        stubs = sorted(self.with_stubs & self.stubs.keys())
        self.files += [(name, *self.stubs[name]) for name in stubs if name.split("/")[0] not in self.unpacked]
        for name, path in {**self.sources, **self.kept}.items():
            *folders, file = name[:-3].split("/")
            folder = "/".join(folders)
            is_template = "templates" in folders and f"{folder}/__init__.py" not in self.sources
            is_module = file.isidentifier() and all(part.isidentifier() for part in folders)
            if name.split("/")[0] in self.unpacked:
                yield name, path
            elif is_template or not is_module or name in self.kept or f"{file}.py" in self.strings.get(folder, ()):
                yield name, path

    def add(self, name, path, data):
        mode = 0o500 if name in self.programs or os.access(path, os.X_OK) else 0o400
        if name in self.environment:
            self.files.append((name, mode, hashlib.sha256(data).digest()))
            return
        if data[:4] == b"\x7fELF" and ".so" in os.path.basename(name):
            if not name.endswith(SUFFIXES) or b"PyInit_" in data or b"PyModExport_" in data:
                self.groups += [name] if "__mypyc." in name and "/" not in name else []
                return  # An extension.
            mode = None  # A library that somebody loads by its path, unless extensions lead to it.
        if name.endswith(".pyi"):
            self.stubs[name] = mode, hashlib.sha256(data).digest()
        top = name.split("/")[0]
        if name.endswith(self.FOR_TOOLS) and top not in self.unpacked or top.endswith((".dist-info", ".egg-info")):
            return
        self.files.append((name, mode, hashlib.sha256(data).digest()))

    def table(self, archive, loaded):
        """Files by folder, with their sizes in the archive, but for libraries that are `loaded` with others; what a
        module's path begins with if one of these folders is its own or above it; and if it may look below `sys.prefix`."""
        folders = {}
        for name, mode in sorted((name, mode) for name, mode, _ in self.files if name not in loaded):
            parts = name.split("/")[:-1]
            if not parts or parts[0] not in self.packages:
                parts = []
            places = (ENVIRONMENT,) if name in self.environment else self.programs.get(name)
            tests = [count for count, part in enumerate(parts, 1) if part in self.TESTS]
            folder = "/".join(parts[: tests[-1]] if tests else parts[:1])
            for folder in places or (folder,):
                folders.setdefault(folder, []).append((name, archive.getinfo(name).file_size, mode))
        tops = {folder.split("/")[0] for folder in folders if folder not in ("", ENVIRONMENT)}
        tops = sorted(tops.union(self.alone if "" in folders else (), self.groups if tops else ()))
        packages = sorted([*self.packages, *self.modules]) if ENVIRONMENT in folders else ()
        return {folder: tuple(files) for folder, files in folders.items()}, dict.fromkeys(tops), dict.fromkeys(packages)


def beside_packages(own):
    """Programs in wheels, and what they have for the `share` and `etc` of an environment, as (name, path, packages of the
    wheel): pip puts them beside the folder of packages, or into a folder of its own in it, and says the same of both."""
    for name, path in own:
        if not name.endswith(".dist-info/RECORD") or name.count("/") != 1:
            continue
        root = path[: -len(name)]
        with open(path, encoding="utf-8", errors="replace") as file:
            files = [line.split(",")[0] for line in file]
        packages = sorted({file.split("/")[0] for file in files if file.endswith(".py") and "/" in file and file[0] != "."})
        for file in files:
            inner = file[3 * file.count("../") :] if file.startswith("../") else ""
            top, *below = inner.split("/")
            if top == "bin" and len(below) == 1:
                is_one = is_program
            elif top in ("share", "etc") and len(below) > 1 and below[0] not in OF_DESKTOPS and ".." not in below:
                is_one = os.path.isfile
            else:
                continue
            # Only an environment is known to have its files there: elsewhere a stranger may have one of that name.
            is_installed = posixpath.basename(root.rstrip("/")) in ("site-packages", "dist-packages")
            for place in (root + inner, root + file)[: 1 + is_installed]:
                if is_one(place):
                    yield inner, os.path.normpath(place), packages
                    break


def is_program(path):
    """And no script, which starts the `python` that it was installed for."""
    try:
        with open(path, "rb") as file:
            return file.read(2) not in (b"#!", b"")
    except OSError:
        return False


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
