//! What a workspace asks of PyO3 in, the version that a new extension there asks for out. Cargo allows one version in
//! a workspace, since PyO3 has a `links` key (Cargo's reference, "Dependency Resolution").

use toml_edit::{DocumentMut, Item};

use crate::commands::cargo::metadata::{self, PYO3_MINORS};

/// The packages that have the key.
const PACKAGES: [&str; 2] = ["pyo3", "pyo3-ffi"];

/// The version for an extension in the workspace of this folder, whose manifest is given.
///
/// # Errors
/// A member asks for versions that the finder does not go with.
pub fn of_workspace(manifest: &DocumentMut) -> Result<String, String> {
    let (first, last) = PYO3_MINORS;
    let (mut lowest, mut highest) = PYO3_MINORS;
    for (who, requirement) in requirements(manifest) {
        let (least, most) = minors(&requirement);
        if most < first || least > last {
            return Err(format!(
                "expected PyO3 0.{first} to 0.{last}, of which cargo allows one in a workspace, found {requirement} in \
                 {who}: ask for `pyo3 = \"0.{last}\"` there (PyO3's guide, \"Migrating from older PyO3 versions\"), or \
                 start in another folder with `linktab new`"
            ));
        }
        (lowest, highest) = (lowest.max(least), highest.min(most));
    }
    // Where members contradict each other, cargo has said so before.
    Ok(format!("0.{}", if lowest > highest { last } else { highest }))
}

/// Who asks for PyO3, and for what. A workspace that cargo does not understand yet asks for nothing else than its
/// manifest: cargo will say what is wrong with it.
fn requirements(manifest: &DocumentMut) -> Vec<(String, String)> {
    let shared = manifest.get("workspace").and_then(|it| it.get("dependencies"));
    let of_item = |item: &Item| item.as_str().or_else(|| item.get("version")?.as_str()).map(str::to_owned);
    let shared = PACKAGES.iter().filter_map(|name| of_item(shared?.get(name)?));
    let mut found: Vec<(String, String)> =
        shared.map(|requirement| ("`workspace.dependencies`".to_owned(), requirement)).collect();
    let members = metadata::ask(&["--no-deps".into()]).map(|metadata| metadata.packages).unwrap_or_default();
    for package in members {
        let asked = package.dependencies.into_iter().filter(|it| PACKAGES.contains(&&*it.name));
        found.extend(asked.map(|it| (format!("`{}`", package.name), it.req)));
    }
    found
}

/// The first and the last minor version of 0.x that a requirement allows; every one where it is not understood.
fn minors(requirement: &str) -> (u32, u32) {
    let (mut first, mut last) = (0, u32::MAX);
    for comparator in requirement.split(',').map(str::trim) {
        let version = comparator.trim_start_matches(|c: char| !c.is_ascii_digit());
        let operator = comparator.strip_suffix(version).unwrap_or_default().trim();
        let mut parts = version.split('.');
        let (major, minor) = (parts.next(), parts.next().and_then(|minor| minor.parse::<u32>().ok()));
        let is_whole = parts.next().is_none_or(|patch| patch == "0");
        let (Some("0"), Some(minor)) = (major, minor) else { continue };
        let (least, most) = match operator {
            ">=" | ">" => (minor, u32::MAX),
            "<" if is_whole => (0, minor.saturating_sub(1)),
            "<" | "<=" => (0, minor),
            _ => (minor, minor),
        };
        (first, last) = (first.max(least), last.min(most));
    }
    (first, last)
}

#[cfg(test)]
mod tests {
    use super::minors;

    #[test]
    fn a_requirement_allows_minor_versions_from_one_to_another() {
        let every = (0, u32::MAX);
        let cases = [
            ("0.29", (29, 29)),
            ("^0.29.1", (29, 29)),
            ("=0.22.6", (22, 22)),
            ("~0.28.3", (28, 28)),
            ("0.30.*", (30, 30)),
            (">=0.23, <0.29", (23, 28)),
            (">= 0.28.1, < 0.29.2", (28, 29)),
            (">0.26", (26, u32::MAX)),
            ("<=0.30", (0, 30)),
            ("*", every),
            ("0", every),
            ("1.2", every),
            ("latest", every),
        ];
        for (requirement, expected) in cases {
            assert_eq!(minors(requirement), expected, "{requirement}");
        }
    }
}
