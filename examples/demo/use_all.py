"""Imports every extension of the demo and uses it: a computed value, and a pickled object where there is one.

    target/release/demo examples/demo/use_all.py

Prints a table. Ends with an error when something is missing, wrong, or came from a file.
"""

import importlib
import pickle
import sys

import linktab

HAS_EXPORT_HOOKS = sys.version_info >= (3, 15)  # PEP 793


def pickled(value):
    """The value after a trip through bytes, which only works if its type knows its full dotted name."""
    return pickle.loads(pickle.dumps(value))


def geo(m):
    point = pickled(m.Point(3.0, 4.0))
    return f"distance(Point(0, 0), {point!r})", m.distance(m.Point(0.0, 0.0), point), 5.0


def net(m):
    return "checksum(bytes.fromhex('0001f203f4f5f6f7'))", m.checksum(bytes.fromhex("0001f203f4f5f6f7")), 0x220D


def native(m):
    m.count()
    return "count(), a second time", m.count(), 2


def legacy(m):
    reverse = pickled(m.reverse)
    return "reverse('linktab')", reverse("linktab"), "batknil"


def fast(m):
    random = m.Random(88172645463325252)
    random.next()
    return "Random(…).next(), the second", pickled(random).next(), 3040900993826735515


def graph(m):
    import acme.graph.sub

    g = m.Graph()
    for a, b in [(1, 2), (2, 3), (3, 4), (1, 4)]:
        g.connect(a, b)
    assert acme.graph.sub.__name__ == "acme.graph.sub"
    return "sub.distance(graph, 1, 3)", acme.graph.sub.distance(pickled(g), 1, 3), 2


def mesh(m):
    return "euler_characteristic(8, 12, 6)", m.euler_characteristic(8, 12, 6), 2


def text(m):
    counter = pickled(m.Counter().feed("to be or not to be or to go"))
    return "Counter().feed(…).most_common()", counter.most_common(), "to"


def pack(m):
    assert m.__path__ == [], m.__path__
    return "PARTS", m.PARTS, ("_child",)


def child(m):
    assert m.__package__ == "acme.pack"
    return "double(21)", m.double(21), 42


def größe(m):
    return "länge('größe')", m.länge("größe"), 5


def hook(m):
    return "MADE_BY", m.MADE_BY, "an export hook" if HAS_EXPORT_HOOKS else "an init function"


USES = {
    "acme.fast._native": ("C, linktab.h", fast),
    "acme.geo._core": ("PyO3, mod", geo),
    "acme.graph": ("C++, pybind11", graph),
    "acme.größe": ("PyO3, fn", größe),
    "acme.hook": ("pyo3-ffi, PEP 793" if HAS_EXPORT_HOOKS else "pyo3-ffi", hook),
    "acme.mesh": ("C++, nanobind", mesh),
    "acme.net._core": ("PyO3, fn", net),
    "acme.pack": ("PyO3, a package", pack),
    "acme.pack._child": ("PyO3, mod", child),
    "acme.raw._legacy": ("pyo3-ffi", legacy),
    "acme.raw._native": ("pyo3-ffi", native),
    "acme.text._tokens": ("Cython", text),
}


def use(name):
    """One row: imports, uses, and looks whether the module is what an ordinary loader would have made."""
    made_with, function = USES[name]
    module = importlib.import_module(name)
    assert module.__name__ == name and module.__spec__.name == name
    assert not module.__spec__.has_location, f"{name} came from {module.__file__}"
    assert isinstance(module.__loader__, linktab.StaticExtensionFinder)
    expression, value, expected = function(module)
    assert value == expected, f"{name}: {expression} is {value!r}, expected {expected!r}"
    return name, linktab.find(name).phase, made_with, f"{expression} = {value!r}"


def main():
    table = {module.name for module in linktab.modules()} - {"linktab"}
    if table != set(USES):
        missing = ", ".join(sorted(set(USES) - table)) or "none"
        unused = ", ".join(sorted(table - set(USES))) or "none"
        sys.exit(f"the table is not what this script uses\n  missing: {missing}\n  not used here: {unused}")
    rows = [("EXTENSION", "PHASE", "MADE WITH", "USED"), *map(use, sorted(USES))]
    widths = [max(map(len, column)) for column in zip(*rows)][:-1]
    for row in rows:
        print(*(cell.ljust(width) for cell, width in zip(row, widths)), row[-1], sep="  ")
    print(f"{len(USES)} extensions imported and used, none from a file")


if __name__ == "__main__":
    main()
