//! The ways to register and use modules that are held against each other, by their names for people and for the driver.

/// One way to register and use modules.
#[derive(Clone, Copy)]
pub struct Route {
    /// For people.
    pub name: &'static str,
    /// For the driver.
    pub how: &'static str,
    /// `import`, `preload` or `floor`.
    pub what: &'static str,
}

const fn route(name: &'static str, how: &'static str, what: &'static str) -> Route {
    Route { name, how, what }
}

/// The ways, each with the executable that it is in.
pub const FLOOR: Route = route("floor: C loop, no importlib", "none", "floor");
/// linktab's batch.
pub const PRELOAD: Route = route("linktab.preload", "linktab", "preload");
/// The same, with a finder in Python in front.
pub const BEHIND: Route = route("linktab.preload behind another finder", "linktab", "behind");
/// importlib with a finder in C that has everything ready: what no finder can go below.
pub const LEAST: Route = route("importlib's least: a finder in C with all made before", "none", "least");
/// linktab's finder.
pub const LINKTAB: Route = route("linktab, one by one", "linktab", "import");
/// The hash map with a finder in Python.
pub const MAP: Route = route("unordered_map + Python finder", "map", "import");
/// `PyImport_AppendInittab`, one call for each.
pub const APPEND: Route = route("n x AppendInittab", "append", "import");
/// `PyImport_ExtendInittab`, one call.
pub const EXTEND: Route = route("one ExtendInittab", "extend", "import");
/// `PyImport_Inittab`.
pub const STATIC: Route = route("static inittab array", "static", "import");
/// Files.
pub const SHARED: Route = route(".so files, PathFinder", "so", "import");
