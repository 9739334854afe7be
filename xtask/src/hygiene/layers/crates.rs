//! The order of each crate of this repository.

/// A crate's folder of sources, and its top modules in an order in which they import.
pub struct Crate {
    pub folder: &'static str,
    /// From top to bottom: a module imports only what comes behind it. Empty: any order without circles.
    pub order: &'static [&'static str],
    /// What a module may import where that is less.
    pub only: &'static [(&'static str, &'static [&'static str])],
}

const fn without_order(folder: &'static str) -> Crate {
    Crate { folder, order: &[], only: &[] }
}

/// Every crate that is held against them.
pub const CRATES: [Crate; 12] = [
    without_order("registry/src/"),
    without_order("macros/src/"),
    Crate {
        folder: "finder/src/",
        order: &[
            "python",
            "c_api",
            "install",
            "module",
            "find",
            "load",
            "state",
            "object",
            "libpython",
            "image",
            "error",
            "running",
        ],
        only: &[("object", &[]), ("load", &["object", "state", "running"])],
    },
    // bytes → image → records → findings → report: a stage imports what the stage before hands over.
    Crate {
        folder: "verify-tool/src/",
        order: &[
            "commands", "report", "findings", "expected", "pipeline", "needs", "sizes", "records", "image",
            "bytes", "paths", "error", "limits", "code", "plain", "texts",
        ],
        // With what a stage hands on from the one before (`records` the architecture, `findings` the codes).
        only: &[
            ("bytes", &["error", "limits"]),
            ("image", &["bytes", "error", "limits"]),
            ("records", &["image", "error"]),
            ("needs", &["image", "bytes", "error", "limits"]),
            ("sizes", &["records", "image", "bytes", "limits"]),
            ("expected", &["records", "code", "plain"]),
            ("findings", &["records", "image", "expected", "code", "plain"]),
            (
                "report",
                &[
                    "findings", "records", "needs", "sizes", "pipeline", "error", "limits", "code", "plain",
                    "texts",
                ],
            ),
            ("code", &[]),
            ("plain", &[]),
            ("texts", &[]),
        ],
    },
    // A link as the driver sees it, below what is made of it when all is built.
    Crate {
        folder: "adopt/src/",
        order: &[
            "application",
            "adopt",
            "host",
            "lock",
            "settings",
            "builds",
            "resolve",
            "requirement_files",
            "cache",
            "project",
            "uv_sources",
            "in_house",
            "judge",
            "table",
            "outcome",
            "hazards",
            "remedies",
            "modules",
            "object_file",
            "record",
            "wheel",
            "shims",
            "driver",
            "loadable",
            "installed",
            "python",
            "elf",
            "toml_file",
            "process",
            "error",
        ],
        only: &[("driver", &["elf", "process"])],
    },
    // An extension, what its kind wants, and cargo's side of it all.
    Crate {
        folder: "build/src/",
        order: &["extension", "adopted", "generators", "phase", "python", "symbols", "cargo"],
        only: &[],
    },
    // A wish, interpreters, ways to link them, and what runs all that.
    Crate {
        folder: "cpython/src/",
        order: &[
            "command",
            "find",
            "every",
            "search",
            "project",
            "python",
            "root",
            "distribution",
            "probe",
            "config_file",
            "link",
            "driver",
            "interpreter",
            "releases",
            "candidates",
            "advice",
            "apt",
            "needed",
            "process",
            "files",
            "error",
        ],
        only: &[],
    },
    Crate {
        folder: "sdk/src/",
        order: &["install", "proof", "prefix", "library", "cpython", "process", "error"],
        only: &[],
    },
    without_order("xtask/src/"),
    without_order("xtask/bench/src/"),
    without_order("tests/src/"),
    without_order("tests/slow-files/src/"),
];
