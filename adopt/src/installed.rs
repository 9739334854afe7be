//! Wheels in, a folder of installed distributions out, each with its files.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::process;
use crate::python::{Python, REQUIRE_HASHES};

/// An installed distribution.
#[derive(Debug)]
pub struct Distribution {
    /// As its metadata spells it.
    pub name: String,
    pub version: String,
    /// What the wheel is for, such as `cp39-abi3-linux_x86_64`.
    pub tag: String,
    /// Its files, below the folder.
    pub files: Vec<String>,
    /// Its licence, in the words of its metadata.
    pub license: Option<String>,
    /// The texts of licences, below the folder.
    pub license_files: Vec<String>,
    /// Below the folder.
    dist_info: String,
}

/// What distributions require that is not among them, read with pip's own reader of requirements (PEP 508).
const MISSING: &str = r#"
import importlib.metadata, sys
from pip._vendor.packaging.requirements import InvalidRequirement, Requirement
from pip._vendor.packaging.utils import canonicalize_name
found = list(importlib.metadata.distributions(path=[sys.argv[1]]))
names = {canonicalize_name(distribution.metadata["Name"]) for distribution in found}
missing = {}
for text in sorted(text for distribution in found for text in distribution.requires or ()):
    try:
        required = Requirement(text)
    except InvalidRequirement:
        continue
    name = canonicalize_name(required.name)
    if name not in names and (required.marker is None or required.marker.evaluate({"extra": ""})):
        versions = missing.setdefault(name, set())
        versions.update(map(str, required.specifier))
for name, versions in missing.items():
    print(name + ",".join(sorted(versions)))
"#;

/// Installs wheels into a folder that is made anew, without what they require; returns what that is.
///
/// # Errors
/// pip cannot.
pub fn install(wheels: &[PathBuf], site: &Path, python: &Python) -> Result<Vec<String>, Error> {
    if site.exists() {
        fs::remove_dir_all(site).map_err(|error| Error::at(site, "remove", error))?;
    }
    let mut pip = python.pip("install");
    pip.args(["--no-deps", "--no-index", "--no-compile", "--target"]).arg(site).args(wheels);
    // Whoever wants hashes means what comes from elsewhere.
    pip.env(REQUIRE_HASHES, "0");
    process::output(&mut pip).map_err(|why| Error::new(format!("pip cannot install the wheels: {why}")))?;
    let mut missing = python.code(MISSING);
    let text = process::output(missing.arg(site))
        .map_err(|why| Error::new(format!("cannot tell what the wheels require: {why}")))?;
    Ok(text.lines().map(str::to_owned).collect())
}

impl Distribution {
    /// The installed distribution of a wheel: its folder is named as the wheel's file begins.
    ///
    /// # Errors
    /// It has no such folder, or what is in it cannot be read.
    pub fn read(site: &Path, wheel: &Path) -> Result<Distribution, String> {
        let file = wheel.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut parts = file.split('-');
        let (project, version) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let dist_info = format!("{project}-{version}.dist-info");
        let text = |name: &str| {
            let path = site.join(&dist_info).join(name);
            fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))
        };
        let metadata = text("METADATA")?;
        let files: Vec<String> = text("RECORD")?.lines().filter_map(path_of).collect();
        let is_license = |file: &&String| {
            let name = file.rsplit('/').next().unwrap_or_default().to_uppercase();
            file.starts_with(&dist_info)
                && ["LICEN", "COPYING", "NOTICE", "AUTHORS"].iter().any(|start| name.starts_with(start))
        };
        let license_files = files.iter().filter(is_license).cloned().collect();
        let tag = header(&text("WHEEL")?, "Tag").unwrap_or_default();
        let distribution = Distribution {
            name: header(&metadata, "Name").unwrap_or_else(|| project.to_owned()),
            version: header(&metadata, "Version").unwrap_or_else(|| version.to_owned()),
            tag,
            license: license(&metadata),
            license_files,
            files,
            dist_info,
        };
        // Where the wheel was for a moment ("Recording the Direct URL Origin").
        let direct_url = format!("{}/direct_url.json", distribution.dist_info);
        if site.join(&direct_url).is_file() {
            distribution.remove(site, &[&direct_url]).map_err(|error| error.to_string())?;
        }
        Ok(distribution)
    }

    /// Removes files, and from the list of what was installed, so that nobody misses them.
    ///
    /// # Errors
    /// A file cannot be written or removed.
    pub fn remove(&self, site: &Path, files: &[&str]) -> Result<(), Error> {
        for file in files {
            let path = site.join(file);
            fs::remove_file(&path).map_err(|error| Error::at(&path, "remove", error))?;
        }
        let record = site.join(&self.dist_info).join("RECORD");
        let text = fs::read_to_string(&record).map_err(|error| Error::at(&record, "read", error))?;
        let is_left = |line: &&str| path_of(line).is_none_or(|path| !files.contains(&path.as_str()));
        let left: String = text.lines().filter(is_left).flat_map(|line| [line, "\n"]).collect();
        fs::write(&record, left).map_err(|error| Error::at(&record, "write", error))
    }
}

/// The path in a line of `RECORD`, which is CSV ("Recording installed projects").
fn path_of(line: &str) -> Option<String> {
    match line.strip_prefix('"') {
        Some(rest) => rest.split_once("\",").map(|(path, _)| path.replace("\"\"", "\"")),
        None => line.split(',').next().filter(|path| !path.is_empty()).map(str::to_owned),
    }
}

/// The licence ("Core metadata specifications", `License-Expression`, which took the place of `License` and of
/// classifiers).
fn license(metadata: &str) -> Option<String> {
    let is_said = |text: &String| !text.is_empty() && text != "UNKNOWN";
    let classifier = || {
        let of = metadata.lines().filter_map(|line| line.strip_prefix("Classifier: License :: "));
        of.filter_map(|path| path.rsplit(" :: ").next()).next().map(str::to_owned)
    };
    header(metadata, "License-Expression")
        .or_else(|| header(metadata, "License"))
        .filter(is_said)
        .or_else(classifier)
}

/// The first value of a header ("Core metadata specifications").
fn header(text: &str, name: &str) -> Option<String> {
    let headers = text.lines().take_while(|line| !line.is_empty());
    let mut pairs = headers.filter_map(|line| line.split_once(": "));
    pairs.find(|(found, _)| *found == name).map(|(_, value)| value.trim().to_owned())
}
