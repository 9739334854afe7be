//! Modules that ask in which file they are, and of which it is known what makes that harmless.

/// What helps one module.
#[derive(Debug, Clone, Copy)]
pub struct Remedy {
    /// Functions that answer 0 to it, and to nobody else.
    pub zero: &'static [&'static str],
}

/// NumPy works in place on operands that nobody else holds; whether its caller is the interpreter alone, it asks by
/// `backtrace` and then `dladdr` on each frame (`temp_elide.c`). Where neither knows anything, it makes a copy.
const ALL: &[(&[&str], Remedy)] = &[(
    &["numpy._core._multiarray_umath", "numpy.core._multiarray_umath"],
    Remedy { zero: &["backtrace", "dladdr"] },
)];

/// What helps a module, by its dotted name.
pub fn find(dotted: &str) -> Option<Remedy> {
    ALL.iter().find(|(modules, _)| modules.contains(&dotted)).map(|(_, remedy)| *remedy)
}
