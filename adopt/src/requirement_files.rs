//! Files of requirements in, pip's options in them out: those of one line, and those that hold for all that is named.
//!
//! What is built is named to pip one by one, and without them it would be another file of an index, or built otherwise.

use std::path::PathBuf;

use serde::Deserialize;

use crate::process;
use crate::python::Python;

/// Read with pip's own reader ("Requirements File Format"), and written as it reads them. A line for other machines says
/// nothing here.
const READ: &str = r#"
import json, os, shlex, sys
from pip._internal.network.session import PipSession
from pip._internal.req.constructors import install_req_from_line
from pip._internal.req.req_file import RequirementsFileParser, get_line_parser
from pip._vendor.packaging.utils import canonicalize_name

def of_all(opts, folder):
    for flag in "no_index", "pre", "prefer_binary":
        if getattr(opts, flag, None):
            yield "--" + flag.replace("_", "-")
    values = [("index-url", [opts.index_url] if opts.index_url else [])]
    values += [("extra-index-url", opts.extra_index_urls), ("trusted-host", opts.trusted_hosts)]
    beside = [(os.path.join(folder, place), place) for place in opts.find_links or []]
    values += [("find-links", [there if os.path.exists(there) else place for there, place in beside])]
    for option, all in values:
        yield from (f"--{option}={shlex.quote(value)}" for value in all or [])

def of_one(opts):
    for kind, values in (opts.hashes or {}).items():
        yield from (f"--hash={kind}:{value}" for value in values)
    for key, values in (getattr(opts, "config_settings", None) or {}).items():
        for value in values if isinstance(values, list) else [values]:
            yield "--config-settings=" + shlex.quote(f"{key}={value}")

parser = RequirementsFileParser(PipSession(), get_line_parser(None))
found = {"of_all": [], "lines": []}
for file in sys.argv[1:]:
    for line in parser.parse(file, constraint=False):
        if not line.is_requirement:
            found["of_all"] += of_all(line.opts, os.path.dirname(os.path.abspath(line.filename)))
        elif not line.is_editable and (options := list(of_one(line.opts))):
            read = install_req_from_line(line.requirement)
            if read.match_markers():
                name = canonicalize_name(read.name) if read.name else None
                url = read.link.url_without_fragment if read.link else None
                found["lines"].append({"name": name, "url": url, "options": options})
print(json.dumps(found))
"#;

/// What files say besides names.
#[derive(Debug, Default, Deserialize)]
pub struct Options {
    /// Such as where indexes are.
    pub of_all: Vec<String>,
    lines: Vec<Line>,
}

#[derive(Debug, Deserialize)]
struct Line {
    /// The project, as indexes compare it; of a place, nobody knows it yet.
    name: Option<String>,
    /// The place, where one is named.
    url: Option<String>,
    options: Vec<String>,
}

impl Options {
    /// Nobody has any without a file.
    ///
    /// # Errors
    /// In pip's last words: a file cannot be read.
    pub fn read(files: &[PathBuf], python: &Python) -> Result<Options, String> {
        if files.is_empty() {
            return Ok(Options::default());
        }
        let text = process::output(python.code(READ).args(files))?;
        serde_json::from_str(&text).map_err(|error| error.to_string())
    }

    /// Those of a project's line, by its name as indexes compare it, or of a place's.
    pub fn of(&self, name: &str, url: &str) -> Vec<String> {
        let is_meant = |line: &&Line| match &line.name {
            Some(found) => found == name,
            None => line.url.as_deref() == Some(url),
        };
        self.lines.iter().filter(is_meant).flat_map(|line| line.options.clone()).collect()
    }
}
