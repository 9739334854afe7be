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

    /// What the function has to return a pointer to: one of these.
    pub fn pointees(self) -> &'static [&'static str] {
        match self {
            Phase::Multi => &["PyObject", "PyModuleDef"],
            Phase::Single => &["PyObject"],
            Phase::Export => &["PySlot"],
        }
    }

    /// What the names of such functions begin with.
    pub fn hook_prefix(self) -> &'static str {
        if self == Phase::Export { "PyModExport" } else { "PyInit" }
    }
}

/// Whether an ABI that is accepted lets a panic through.
pub fn may_unwind(abi: &syn::Abi) -> bool {
    abi.name.as_ref().is_some_and(|name| name.value() == "C-unwind")
}
