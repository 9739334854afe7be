# What a start reads: all files in, the names of those out that importing the entry leads to. They go to the end of the
# archive, beside its directory, and a start asks for all of them at once (finder/src/python/ahead.rs).
#
# Nothing of the program runs here. Only what a module's own code imports is followed, not that of its functions: what
# comes in addition is read when it is asked for.
import ast

AHEAD = b"LA\x04\x00"  # registry/src/layout.rs, `mark`


class First:
    def __init__(self, files, entry):
        self.paths, self.extensions, self.names, self.open = {}, {}, set(), []
        for name, path in files:
            if name.endswith(".py"):
                self.paths.setdefault(name, path)
            elif name.endswith(SUFFIXES):
                stem = name[: -len(next(suffix for suffix in SUFFIXES if name.endswith(suffix)))]
                self.extensions.setdefault(stem, name)
        for module in sorted(BEFORE_ZLIB) + ["site", *([entry, f"{entry}.__main__"] if entry else ())]:
            self.reach(module)
        while self.open:
            self.follow(*self.open.pop())

    def reach(self, module):
        """A module, and the packages that it is in, which are imported before it."""
        parts = module.split(".")
        for count in range(1, len(parts) + 1):
            stem = "/".join(parts[:count])
            for name, package in (f"{stem}/__init__.py", parts[:count]), (f"{stem}.py", parts[: count - 1]):
                if name in self.paths:
                    if name not in self.names:
                        self.names.add(name)
                        self.open.append((name, package))
                    break
            else:
                self.names.update(self.extensions[name] for name in (stem, f"{stem}/__init__") if name in self.extensions)

    def follow(self, name, package):
        try:
            with open(self.paths[name], "rb") as file:
                code = ast.parse(file.read()).body
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            return  # Whoever adds the file says so.
        while code:
            node = code.pop()
            if getattr(node, "is_lazy", 0):  # from 3.15 on: PEP 810
                continue
            if isinstance(node, ast.Import):
                for alias in node.names:
                    self.reach(alias.name)
            elif isinstance(node, ast.ImportFrom):
                above = package[: len(package) - node.level + 1] if node.level else []
                base = ".".join([*above, *([node.module] if node.module else ())])
                for alias in node.names:
                    self.reach(f"{base}.{alias.name}")
            elif isinstance(node, (ast.stmt, ast.ExceptHandler)) and not isinstance(
                node, (ast.FunctionDef, ast.AsyncFunctionDef)
            ):
                code.extend(ast.iter_child_nodes(node))
