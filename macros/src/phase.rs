//! How an init function answers, as the attribute is told: its words, and what follows from each.

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    Multi,
    Single,
    Export,
}

impl Phase {
    pub fn word(self) -> &'static str {
        match self {
            Phase::Multi => "multi",
            Phase::Single => "single",
            Phase::Export => "export",
        }
    }

    /// What the function has to return a pointer to.
    pub fn pointee(self) -> &'static str {
        if self == Phase::Export { "PySlot" } else { "PyObject" }
    }

    /// What the names of such functions begin with.
    pub fn hook_prefix(self) -> &'static str {
        if self == Phase::Export { "PyModExport" } else { "PyInit" }
    }
}
