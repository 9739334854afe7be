# Which folders among the files of packages are their tests, that no program needs: files in, folders out. What code
# outside of them imports, or names in a text, is needed all the same.
import ast
import re

TEST_FOLDERS = {"test", "tests"}
TEST_FILE = re.compile(r"test_.*\.py|.*_tests?\.py|conftest\.py")
# What can have no import or text of that kind in it is not parsed, which is most of a package.
MAY_NAME_TESTS = re.compile(
    rb"""^[ \t]*(?:from|import)\b.*\btests?\b|^[ \t(]*tests?\b[^=]*,?[ \t)]*$|["'][\w./]+[./]tests?\b[\w./]*["']""",
    re.MULTILINE,
)


def folders_of_tests(files):
    """Folders of that name, in a package, which hold files that test something; a name alone says nothing (django.test)."""
    found = set()
    for name, _ in files:
        parts = name.split("/")
        if TEST_FILE.fullmatch(parts[-1]):
            places = [place for place, part in enumerate(parts[:-1]) if place and part in TEST_FOLDERS]
            if places:
                found.add("/".join(parts[: places[0] + 1]))
    modules = [(name, path) for name, path in files if name.endswith(".py") and not TEST_FILE.fullmatch(name.split("/")[-1])]
    names = {}
    while True:
        needed = set()
        for name, path in modules:
            if folder_around(name, found) is None:
                if name not in names:
                    names[name] = found.intersection(named(name, path))
                needed |= names[name] & found
        if not needed:
            return found
        found -= needed


def folder_around(name, folders):
    parts = name.split("/")
    return next((folder for end in range(1, len(parts)) if (folder := "/".join(parts[:end])) in folders), None)


def named(name, path):
    """Every module that a module imports or names, and all above it, each as a path."""
    with open(path, "rb") as file:
        data = file.read()
    if not MAY_NAME_TESTS.search(data):
        return
    try:
        tree = ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    package = name.split("/")[:-1]
    for node in ast.walk(tree):
        dotted = []
        if isinstance(node, ast.Import):
            dotted = [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            base = base + (node.module.split(".") if node.module else [])
            dotted = [base + [alias.name] for alias in node.names]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 200:
            dotted = [re.split(r"[./]", node.value)]
        for parts in dotted:
            yield from ("/".join(parts[:end]) for end in range(1, len(parts) + 1))
