//! `linktab.toml`, or `[package.metadata.linktab]` of a Cargo.toml, in; expectations, levels and
//! suppressions out.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::place::Quoted;
use super::{Expected, ExpectedName, Python, Suppression};
use crate::code::{Code, Level, UnknownCode};

/// What a config file says.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Config {
    /// Modules that have to be there.
    pub names: Vec<ExpectedName>,
    /// Levels by code.
    pub levels: Vec<(Code, Level)>,
    /// Findings that are not to be told.
    pub suppressions: Vec<Suppression>,
    /// The target Python.
    pub python: Option<Python>,
    /// Whether CPython has to be in the image.
    pub python_inside: bool,
    /// The lock file, relative to the config file.
    pub lock: Option<String>,
    /// What is said for one program alone, by its name.
    pub programs: BTreeMap<String, OfProgram>,
}

/// What a config file says for one program alone.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct OfProgram {
    /// Modules that have to be there.
    pub names: Vec<ExpectedName>,
    /// Findings that are not to be told.
    pub suppressions: Vec<Suppression>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    expect: Vec<Spanned<String>>,
    #[serde(default)]
    levels: BTreeMap<Spanned<String>, Spanned<String>>,
    #[serde(default)]
    allow: Vec<Allow>,
    python: Option<Spanned<String>>,
    #[serde(default, rename = "python-inside")]
    python_inside: bool,
    lock: Option<String>,
    #[serde(default)]
    program: BTreeMap<String, ProgramTable>,
    /// For `linktab build`, which judges it.
    #[serde(rename = "build")]
    _build: Option<toml::Table>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProgramTable {
    #[serde(default)]
    expect: Vec<Spanned<String>>,
    #[serde(default)]
    allow: Vec<Allow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Allow {
    code: Spanned<String>,
    module: Option<String>,
    reason: Option<String>,
}

#[derive(Deserialize)]
struct Manifest {
    package: Option<Package>,
}

#[derive(Deserialize)]
struct Package {
    metadata: Option<Metadata>,
}

#[derive(Deserialize)]
struct Metadata {
    linktab: Option<File>,
}

impl Config {
    /// Parses a `linktab.toml`.
    ///
    /// # Errors
    ///
    /// With file, line and what is wrong.
    pub fn parse(path: &str, text: &str) -> Result<Config, String> {
        let quoted = Quoted::new(path, text, 1);
        let file: File = toml::from_str(text).map_err(|error| quoted.parse_error(&error))?;
        file.checked(path, &quoted)
    }

    /// Parses the table of a Cargo.toml, which may have none.
    ///
    /// # Errors
    ///
    /// As for [`Config::parse`].
    pub fn parse_manifest(path: &str, text: &str) -> Result<Config, String> {
        let quoted = Quoted::new(path, text, 1);
        let manifest: Manifest = toml::from_str(text).map_err(|error| quoted.parse_error(&error))?;
        let metadata = manifest.package.and_then(|package| package.metadata);
        match metadata.and_then(|metadata| metadata.linktab) {
            Some(file) => file.checked(path, &quoted),
            None => Ok(Config::default()),
        }
    }

    /// Adds what the config says of all programs, and of this one by the first of its names that it has, to what
    /// the command line says, which comes later and wins.
    pub fn into_expected(mut self, names: &[String], expected: &mut Expected) {
        if let Some(own) = names.iter().find_map(|name| self.programs.remove(name)) {
            expected.names.extend(own.names);
            expected.suppressions.extend(own.suppressions);
        }
        expected.names.extend(self.names);
        expected.levels.splice(0..0, self.levels);
        expected.suppressions.extend(self.suppressions);
        expected.python = expected.python.or(self.python);
        expected.python_inside |= self.python_inside;
    }
}

impl File {
    fn checked(self, path: &str, quoted: &Quoted<'_>) -> Result<Config, String> {
        let at = |span, message: &str| quoted.message(span, message);
        let code = |code: &Spanned<String>| parse_code(code, quoted);
        let mut levels = Vec::new();
        for (key, level) in &self.levels {
            levels
                .push((code(key)?, parse_level(level.get_ref()).map_err(|error| at(level.span(), &error))?));
        }
        let mut programs = BTreeMap::new();
        for (program, table) in self.program {
            let suppressions = suppressions(table.allow, path, quoted)?;
            programs.insert(program, OfProgram { names: names(table.expect, path, quoted), suppressions });
        }
        let python = self
            .python
            .map(|python| python.get_ref().parse().map_err(|error: String| at(python.span(), &error)));
        Ok(Config {
            names: names(self.expect, path, quoted),
            levels,
            suppressions: suppressions(self.allow, path, quoted)?,
            programs,
            python: python.transpose()?,
            python_inside: self.python_inside,
            lock: self.lock,
        })
    }
}

fn parse_code(code: &Spanned<String>, quoted: &Quoted<'_>) -> Result<Code, String> {
    let refuse = |error: UnknownCode| quoted.message(code.span(), &error.to_string());
    code.get_ref().parse().map_err(refuse)
}

fn names(names: Vec<Spanned<String>>, path: &str, quoted: &Quoted<'_>) -> Vec<ExpectedName> {
    let name = |name: Spanned<String>| ExpectedName {
        place: Some((path.to_owned(), quoted.line(&name.span()))),
        name: name.into_inner(),
    };
    names.into_iter().map(name).collect()
}

fn suppressions(all: Vec<Allow>, path: &str, quoted: &Quoted<'_>) -> Result<Vec<Suppression>, String> {
    let checked = |allow: Allow| {
        let reason = allow.reason.filter(|reason| !reason.trim().is_empty());
        let Some(reason) = reason else {
            return Err(quoted.message(allow.code.span(), "a suppression needs a `reason`"));
        };
        Ok(Suppression {
            code: parse_code(&allow.code, quoted)?,
            module: allow.module,
            reason,
            path: path.to_owned(),
            line: quoted.line(&allow.code.span()),
        })
    };
    all.into_iter().map(checked).collect()
}

fn parse_level(word: &str) -> Result<Level, String> {
    [Level::Allow, Level::Note, Level::Warning, Level::Error]
        .into_iter()
        .find(|level| level.as_str() == word)
        .ok_or_else(|| format!("unknown level `{word}`: expected allow, note, warning or error"))
}
