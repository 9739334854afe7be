//! What may be skipped even where CI installs everything, with the reason.

/// A skip starts with the first word of a pair; the second says why no machine of ours can run it.
const ALLOWED: &[(&str, &str)] = &[
    ("CPython 3.10 is not installed, and no suite", "Debian never released with it"),
    ("CPython 3.12 is not installed, and no suite", "Debian never released with it"),
    ("rust-src ", "the distribution may have the sources of other versions of Rust than the one that runs"),
    (
        "no figure for ",
        "a count of instructions belongs to one build of CPython, the compilers and the C library",
    ),
    ("/dev/fuse is not here", "many containers hide it, and only the benchmark for MPI needs it"),
    ("a static libpython is not", "instructions are counted in executables with CPython inside"),
    (
        "the test suite of CPython 3.11 is not installed: spawn",
        "pyenv's 3.11 comes without that suite, and the other usual versions with it",
    ),
    (
        "the test suite of CPython 3.11 is not installed: pools",
        "pyenv's 3.11 comes without that suite, and the other usual versions with it",
    ),
    ("miri is not installed", "a component of nightly toolchains: CI has those that its machine brings"),
];

/// Why `skip` is allowed, if it is.
pub fn reason_to_allow(skip: &str) -> Option<&'static str> {
    ALLOWED.iter().find(|(start, _)| skip.starts_with(start)).map(|&(_, why)| why)
}
