//! cargo's profiles by name, those that users make of `release` among them: what cargo is told, and where it builds.
//!
//! Made by options and not in a fixture's `Cargo.toml`: a profile of a name of its own has a folder of its own, in which cargo
//! compiles the macros and all that they need once more, to which nothing of it applies.

/// What each changes in `release`, as its `Cargo.toml` would (Cargo Book, "Profiles").
const OF_RELEASE: [(&str, &str); 5] = [
    ("thin-lto", "lto = \"thin\""),
    ("fat-lto", "lto = \"fat\""),
    ("one-codegen-unit", "codegen-units = 1"),
    ("abort", "panic = \"abort\""),
    ("stripped", "strip = \"symbols\""),
];

/// The options, for `cargo build` and others that take `--profile`.
///
/// # Panics
///
/// When there is no such profile.
#[must_use]
pub fn options(profile: &str) -> Vec<String> {
    let of = |profile: &str| vec!["--profile".to_owned(), profile.to_owned()];
    if let "dev" | "release" = profile {
        return of(profile);
    }
    let known = OF_RELEASE.iter().find(|(name, _)| *name == profile);
    let (_, setting) = known.unwrap_or_else(|| panic!("expected a profile, found {profile}"));
    [of("release"), vec!["--config".to_owned(), format!("profile.release.{setting}")]].concat()
}

/// The folder below the one that cargo builds in.
#[must_use]
pub fn folder(profile: &str) -> &'static str {
    if profile == "dev" { "debug" } else { "release" }
}
