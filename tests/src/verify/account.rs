//! What the tool reads out of a file, in the words in which the fixtures print their own tables.

use std::path::Path;

use linktab_verify::commands::Exit;
use serde_json::Value;

use super::linktab;

/// The records of a file with one image, a line each: name, phase, package flag, init function and
/// origin. Ordered by name.
///
/// # Panics
///
/// When the tool does not read the file, or has anything to say about it.
#[must_use]
pub fn decoded(program: &Path) -> Vec<String> {
    let mut images = images(program);
    assert_eq!(images.len(), 1, "{}: one image", program.display());
    images.pop().expect("there is one").records
}

/// One image of a file: a member of an archive, an architecture of a universal file, or all of it.
#[derive(Debug)]
pub struct Account {
    /// The file: of a thin archive, the member's own.
    pub path: String,
    /// Which part of the file it is.
    pub member: Option<String>,
    /// The architecture, in the tool's words.
    pub arch: String,
    /// The records, as [`decoded`] gives them.
    pub records: Vec<String>,
    /// Names that only a marker tells.
    pub markers: Vec<String>,
}

/// The images of a file, in its order.
///
/// # Panics
///
/// As [`decoded`] does.
#[must_use]
pub fn images(file: &Path) -> Vec<Account> {
    let ran = linktab(["list", "--output-format", "json", file.to_str().expect("an ASCII path")]);
    assert_eq!((ran.exit, &*ran.err), (Exit::Clean, ""), "{}", file.display());
    let document: Value = serde_json::from_str(&ran.out).expect("a JSON document");
    let images = document["inputs"].as_array().expect("a list of images").iter();
    images
        .map(|image| {
            assert_eq!(image["defects"], serde_json::json!([]), "{}", file.display());
            let list = |key: &str| image[key].as_array().expect("a list").clone();
            Account {
                path: text(&image["path"]).to_owned(),
                member: image["member"].as_str().map(str::to_owned),
                arch: text(&image["arch"]).to_owned(),
                records: list("modules").iter().map(line).collect(),
                markers: list("markers").iter().map(|marker| text(marker).to_owned()).collect(),
            }
        })
        .collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("none")
}

fn line(module: &Value) -> String {
    let origin = &module["origin"];
    format!(
        "{} {} {} {} {} {}, {}:{}",
        text(&module["name"]),
        text(&module["phase"]),
        module["package"],
        text(&module["address"]),
        text(&origin["package"]),
        text(&origin["version"]),
        text(&origin["file"]),
        origin["line"]
    )
}
