//! The faults that `tests/fixtures/verify/c/modules.c` can have, each with its clean twin.

/// A fault: which one of `modules.c`, and the arguments of the check for it and for its clean twin.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// The code that has to be found.
    pub code: &'static str,
    /// Which of the faults with that code.
    pub what: &'static str,
    /// The number of the fault.
    pub fault: u32,
    /// More flags for its compiler.
    pub flags: &'static [&'static str],
    /// The twin: `modules.c` without a fault, unless the fault is in how two things go together.
    pub twin: (u32, &'static [&'static str]),
    /// Arguments of the check for the faulty one.
    pub faulty: &'static [&'static str],
    /// Arguments of the check for its twin.
    pub clean: &'static [&'static str],
}

const fn case(code: &'static str, what: &'static str, fault: u32) -> Case {
    Case { code, what, fault, flags: &[], twin: (0, &[]), faulty: &[], clean: &[] }
}

/// A fault with regard to what was frozen into Python.
const fn frozen(
    code: &'static str,
    what: &'static str,
    fault: u32,
    flags: &'static [&'static str],
    twin: (u32, &'static [&'static str]),
) -> Case {
    Case { flags, twin, ..case(code, what, fault) }
}

/// All that one object file shows.
pub const CASES: &[Case] = &[
    case("LT001", "one name twice", 1),
    Case {
        faulty: &["--expect", "acme.absent"],
        clean: &["--expect", "acme.gamma"],
        ..case("LT002", "expected", 0)
    },
    Case {
        faulty: &["--python", "3.13"],
        clean: &["--python", "3.13"],
        ..case("LT003", "Python version", 3)
    },
    case("LT003", "kind of hook", 303),
    case("LT003", "record ABI", 203),
    Case {
        faulty: &["--python", "3.13t"],
        clean: &["--python", "3.13"],
        twin: (313, &[]),
        ..case("LT003", "free-threading, asked for", 313)
    },
    case("LT003", "two Pythons", 323),
    Case {
        flags: &["-DPYTHON=0x030c0000u"],
        twin: (333, &["-DPYTHON=0x030d0000u"]),
        ..case("LT003", "the Python linked in", 333)
    },
    Case {
        flags: &["-DPYTHON=0"],
        faulty: &["--python", "3.14"],
        clean: &["--python", "3.13"],
        twin: (333, &["-DPYTHON=0"]),
        ..case("LT003", "another Python than asked for", 333)
    },
    Case {
        flags: &["-DPYTHON=0x030d0000u"],
        twin: (343, &["-DPYTHON=0x030d0000u", "-DBUILD_FLAGS=1"]),
        ..case("LT003", "the Python linked in is free-threaded", 343)
    },
    Case {
        flags: &["-DPYTHON=0x030d0000u", "-DBUILD_FLAGS=1"],
        // The limited API of an older Python is in every later one.
        twin: (333, &["-DPYTHON=0x030a0000u", "-DBUILD_FLAGS=4"]),
        ..case("LT003", "the Python linked in has a GIL", 333)
    },
    Case { faulty: &["--python", "3.14"], clean: &["--python", "3.14"], ..case("LT004", "export hook", 4) },
    case("LT005", "standard library", 5),
    case("LT005", "built in, by the table", 505),
    case("LT005", "in a package of the standard library", 515),
    Case {
        faulty: &["--python", "3.12"],
        clean: &["--python", "3.13"],
        twin: (525, &[]),
        ..case("LT005", "standard library of that version", 525)
    },
    case("LT006", "null", 6),
    case("LT006", "not executable", 606),
    case("LT006", "constants", 607),
    case("LT008", "magic", 8),
    case("LT008", "encoding", 808),
    case("LT008", "length", 809),
    case("LT008", "phase", 810),
    case("LT008", "pointer", 811),
    case("LT009", "one init function twice", 9),
    Case { twin: (902, &[]), ..case("LT009", "one weak init function twice", 901) },
    case("LT011", "name", 11),
    Case { twin: (1120, &[]), ..case("LT011", "begins with a digit", 1110) },
    Case { twin: (1120, &[]), ..case("LT011", "a ligature", 1111) },
    Case { twin: (1120, &[]), ..case("LT011", "a keyword", 1112) },
    Case { twin: (1120, &[]), ..case("LT011", "an accent apart", 1113) },
    case("LT011", "nothing between two dots", 1114),
    case("LT012", "parent", 12),
    Case { twin: (1202, &[]), ..case("LT012", "an ancestor", 1201) },
    Case { twin: (1204, &[]), ..case("LT012", "built in, by the table", 1203) },
    Case { twin: (1206, &[]), ..case("LT012", "built in", 1205) },
    Case { twin: (1206, &[]), ..case("LT012", "standard library", 1207) },
    Case {
        faulty: &["--python", "3.10"],
        clean: &["--python", "3.11"],
        twin: (1208, &[]),
        ..case("LT012", "a package of later versions", 1208)
    },
    frozen("LT012", "frozen, 3.10", 1221, &["-DFROZEN=10"], (1222, &["-DFROZEN=10"])),
    frozen("LT012", "frozen, 3.11", 1221, &["-DFROZEN=11"], (1222, &["-DFROZEN=11"])),
    frozen("LT012", "frozen, 3.13", 1221, &["-DFROZEN=13"], (1222, &["-DFROZEN=13"])),
    frozen("LT005", "frozen, 3.10", 1223, &["-DFROZEN=10"], (1222, &["-DFROZEN=10"])),
    frozen("LT005", "frozen, 3.13", 1223, &["-DFROZEN=13"], (1222, &["-DFROZEN=13"])),
    case("LT013", "ABI versions", 13),
    case("LT014", "runtime without table", 14),
    Case { twin: (1805, &[]), ..case("LT018", "nobody registered it", 18) },
    case("LT018", "an export hook", 1806),
    Case { twin: (1807, &[]), ..case("LT018", "beside an embedded module of pybind11", 18) },
];
