//! Requirements in, one release of each project out, of those that are required in turn too: pip chooses, with
//! its own reading of versions, extras, markers and files of requirements. Nothing is built for long here: pip takes
//! what wheels say of themselves where there are any.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use crate::process;
use crate::python::Python;
use crate::requirement_files::Options;
use crate::wheel::{Wish, canonical, project};

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// As pip takes them.
    pub requirements: &'a [String],
    /// Files of requirements.
    pub files: &'a [PathBuf],
    /// A file of constraints.
    pub constraints: Option<&'a Path>,
}

/// What pip would install ("Installation Report", version 1).
#[derive(Deserialize)]
struct Report {
    install: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    download_info: Download,
    /// Whether a place was named, and no release.
    #[serde(default)]
    is_direct: bool,
    #[serde(default)]
    requested: bool,
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Download {
    url: String,
    /// The hashes of a file: by one name in what an older pip writes, and by two in a newer one's.
    archive_info: Option<Value>,
}

#[derive(Deserialize)]
struct Metadata {
    name: String,
    version: String,
}

/// The releases, in the order of what was asked for, then of names.
///
/// # Errors
/// In pip's last words: no versions fit together, there is no such project, or there is no index.
pub fn resolve(asked: Asked<'_>, report: &Path, python: &Python) -> Result<Vec<Wish>, String> {
    let mut pip = python.pip("install");
    // Which requirements conflict is said on its standard output, and not by a quiet pip.
    pip.args(["--dry-run", "--ignore-installed", "--report"]).arg(report);
    for file in asked.files {
        pip.arg("-r").arg(file);
    }
    if let Some(file) = asked.constraints {
        pip.arg("-c").arg(file);
    }
    process::output(pip.arg("--").args(asked.requirements))?;
    let text = fs::read_to_string(report).map_err(|error| error.to_string())?;
    let report: Report = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let said = Options::read(asked.files, python)?;
    let wish = |item: &Item| {
        let (place, mut wish) = item.wish(asked.requirements);
        wish.options = said.of(&canonical(&item.metadata.name), &item.download_info.url);
        wish.of_all.clone_from(&said.of_all);
        (place, wish)
    };
    let mut wishes: Vec<(usize, Wish)> = report.install.iter().map(wish).collect();
    wishes.sort_unstable_by(|(one, a), (other, b)| (one, &a.text).cmp(&(other, &b.text)));
    Ok(wishes.into_iter().map(|(_, wish)| wish).collect())
}

impl Item {
    /// The place among what was asked for, and the wish.
    fn wish(&self, asked: &[String]) -> (usize, Wish) {
        let Metadata { name, version } = &self.metadata;
        let url = &self.download_info.url;
        let is_meant = |text: &String| {
            let named = project(text);
            if named == ":none:" {
                let place = Path::new(text).canonicalize();
                url == text
                    || place
                        .is_ok_and(|place| path(url).and_then(|path| path.canonicalize().ok()) == Some(place))
            } else {
                canonical(named) == canonical(name)
            }
        };
        let place = asked.iter().position(is_meant);
        let release = format!("{name}=={version}");
        let text = match place.and_then(|place| asked.get(place)) {
            Some(asked) if self.is_direct => asked.clone(),
            _ if self.is_direct => format!("{name} @ {url}"),
            _ => release,
        };
        let file = url.rsplit('/').next().unwrap_or_default();
        let wish = Wish {
            shown: place.and_then(|place| asked.get(place)).unwrap_or(&text).clone(),
            text,
            is_asked: self.requested,
            packed: None,
            options: Vec::new(),
            of_all: Vec::new(),
            hash: self.download_info.archive_info.as_ref().map(Value::to_string),
            has_binary: file.ends_with(".whl") && !file.ends_with("-any.whl"),
        };
        (place.unwrap_or(usize::MAX), wish)
    }
}

/// The path of a `file:` URL, as far as its signs stand for themselves.
fn path(url: &str) -> Option<PathBuf> {
    url.strip_prefix("file://").map(|path| PathBuf::from(path.replace("%20", " ")))
}
