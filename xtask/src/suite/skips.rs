//! What may be skipped even where CI installs everything, with the reason.

/// A skip starts with the first word of a pair; the second says why no machine of ours can run it.
const ALLOWED: &[(&str, &str)] = &[(
    "miri is not installed",
    "a component of a nightly toolchain, which CI can only use where the toolchain brings it",
)];

/// Why `skip` is allowed, if it is.
pub fn reason_to_allow(skip: &str) -> Option<&'static str> {
    ALLOWED.iter().find(|(start, _)| skip.starts_with(start)).map(|&(_, why)| why)
}
