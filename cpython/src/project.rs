//! A CPython and a cargo project in, the project's `.cargo/config.toml` with it out: what stood there stays.
//!
//! Cargo hands the variables of `[env]` to build scripts, compilers and programs (Cargo's reference,
//! "Configuration"). Ours name files below `.cargo/linktab/`, which is how they are told from a person's own.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use toml_edit::{DocumentMut, InlineTable, Item, Table, TableLike, Value};

use crate::driver::Driver;
use crate::error::{Context as _, Error, Result};
use crate::files::names_in;
use crate::process;
use crate::python::{Found, Python};

/// Where the files lie that the settings name, from the project's folder.
const OURS: &str = ".cargo/linktab";

/// Variables that are ours by their names, whether this CPython needs them or not.
const OWN: [&str; 4] =
    ["LINKTAB_PYTHON", "LINKTAB_PYTHON_INCLUDE", "LINKTAB_PYTHON_HOME", "LINKTAB_LINK_WORDS"];

/// Names a file, so that it is taken from where the project is and not from where cargo is started.
const PYO3: &str = "PYO3_CONFIG_FILE";

/// A folder with a `Cargo.toml`.
#[derive(Debug, Clone)]
pub struct Project {
    folder: PathBuf,
}

impl Project {
    /// The project of a folder, which is a workspace's if it belongs to one.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Writes the files and the settings; returns what was found and the file that has the settings, if they are new.
    ///
    /// # Errors
    /// The settings cannot be read or written, or a person set one of them: the settings stay as they are.
    pub fn write(&self, found: Found) -> Result<(Python, Option<PathBuf>)> {
        let file = self.config();
        let before = if file.is_file() {
            fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?
        } else {
            String::new()
        };
        let at = |error: Error| Error::new(format!("{}: {error}", file.display()));
        let mut document: DocumentMut =
            before.parse().with_context(|| format!("expected TOML in {}", file.display()))?;
        refuse_others(&document).map_err(at)?;
        let folder = self.folder.join(OURS);
        let python = found.write(&folder, &folder)?;
        self.merge(&mut document, &python).map_err(at)?;
        // The document does not know how its lines end.
        let end = if before.contains("\r\n") { "\r\n" } else { "\n" };
        let after = document.to_string().replace("\r\n", "\n").replace('\n', end);
        let changed = after != before;
        if changed {
            fs::write(&file, after).with_context(|| format!("cannot write {}", file.display()))?;
        }
        remove_others(&folder, &python);
        Ok((python, changed.then_some(file)))
    }

    /// Cargo reads the old name, without an ending, before the new one.
    fn config(&self) -> PathBuf {
        let old = self.folder.join(".cargo/config");
        if old.is_file() { old } else { self.folder.join(".cargo/config.toml") }
    }

    fn merge(&self, document: &mut DocumentMut, python: &Python) -> Result<()> {
        let env = table(document.as_table_mut(), "env")?;
        let mut settings = python.settings();
        settings.extend(python.linking.as_ref().map(Driver::setting));
        for name in OWN.iter().filter(|name| !settings.iter().any(|(other, _)| other == *name)) {
            env.remove(name);
        }
        for (name, value) in settings {
            let value = value.into_string().map_err(|_| Error::new("expected paths of UTF-8"))?;
            put(env, &name, self.within(&value));
        }
        match &python.linking {
            Some(driver) => self.link_by(document, driver),
            None => {
                forget_driver(document);
                Ok(())
            }
        }
    }

    /// Files of ours count from the project, which may be moved.
    fn within(&self, value: &str) -> Value {
        let Ok(path) = Path::new(value).strip_prefix(&self.folder) else { return value.into() };
        if !path.starts_with(OURS) {
            return value.into();
        }
        let mut table = InlineTable::new();
        table.insert("value", path.display().to_string().into());
        table.insert("relative", true.into());
        table.into()
    }

    fn link_by(&self, document: &mut DocumentMut, driver: &Driver) -> Result<()> {
        let targets = table(document.as_table_mut(), "target")?;
        let own = table(targets, &driver.host)?;
        if let Some(linker) = own.get("linker").filter(|item| !is_ours(item)) {
            return Err(Error::new(format!(
                "expected no linker of your own for {}, found {}: this libpython links only with words that {} \
                 adds; take another with --static or --shared, or remove it",
                driver.host,
                linker.to_string().trim(),
                driver.program.display()
            )));
        }
        put(own, "linker", format!("{OURS}/cc").into());
        Ok(())
    }
}

/// A table, made where it is missing.
fn table<'t>(parent: &'t mut dyn TableLike, name: &str) -> Result<&'t mut dyn TableLike> {
    if parent.get(name).is_none() {
        let mut table = Table::new();
        table.set_implicit(true);
        parent.insert(name, Item::Table(table));
    }
    let item = parent.get_mut(name).and_then(Item::as_table_like_mut);
    item.with_context(|| format!("expected a table `{name}`, found something else"))
}

/// Sets a value where it is another; the comment beside it stays.
fn put(table: &mut dyn TableLike, name: &str, value: Value) {
    match table.get_mut(name).and_then(Item::as_value_mut) {
        Some(before) => {
            let decor = before.decor().clone();
            *before = value;
            *before.decor_mut() = decor;
        }
        None => {
            table.insert(name, Item::Value(value));
        }
    }
}

/// Whether a setting names a file of ours.
fn is_ours(item: &Item) -> bool {
    let value = item.as_str().or_else(|| item.as_table_like()?.get("value")?.as_str());
    value.is_some_and(|value| Path::new(value).starts_with(OURS))
}

/// A person's own choice of a CPython stays theirs.
fn refuse_others(document: &DocumentMut) -> Result<()> {
    let own = document.get("env").and_then(|env| env.as_table_like()?.get(PYO3));
    match own.filter(|item| !is_ours(item)) {
        Some(item) => {
            let found = item.to_string();
            Err(Error::new(format!(
                "expected no {PYO3} of your own in [env], found {}: remove it, or leave CPython to it",
                found.trim()
            )))
        }
        None => Ok(()),
    }
}

/// A CPython that was linked by the driver is followed by one that needs none.
fn forget_driver(document: &mut DocumentMut) {
    let Some(targets) = document.get_mut("target").and_then(Item::as_table_like_mut) else { return };
    let mut empty = Vec::new();
    for (name, target) in targets.iter_mut() {
        let Some(target) = target.as_table_like_mut() else { continue };
        if target.get("linker").is_some_and(is_ours) {
            target.remove("linker");
            if target.is_empty() {
                empty.push(name.to_string());
            }
        }
    }
    for name in empty {
        targets.remove(&name);
    }
    if targets.is_empty() {
        document.remove("target");
    }
}

/// Files of a CPython that was chosen before.
fn remove_others(folder: &Path, python: &Python) {
    let words = python.linking.as_ref().map(|driver| &driver.words);
    for name in names_in(folder) {
        let path = folder.join(&name);
        let is_used = path == python.config_file || Some(&path) == words || (words.is_some() && name == "cc");
        if !is_used {
            // One that stays is in nobody's way.
            let _ = fs::remove_file(path);
        }
    }
}

/// The folder of the workspace or package that a folder is in, as cargo finds it; none where no `Cargo.toml` is.
///
/// # Errors
/// cargo does not run, or cannot read the project: the message has cargo's own words.
pub fn folder_of(folder: &Path) -> Result<Option<PathBuf>> {
    if !folder.ancestors().any(|folder| folder.join("Cargo.toml").is_file()) {
        return Ok(None);
    }
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["locate-project", "--workspace", "--message-format", "plain"]).current_dir(folder);
    let manifest = PathBuf::from(process::output(&mut cargo)?.trim());
    Ok(manifest.parent().map(Path::to_owned))
}
