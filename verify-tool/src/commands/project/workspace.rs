//! The manifest of an existing workspace in, the same with a program and what that depends on out: what stood there
//! stays.

use std::env;
use std::fs;
use std::path::Path;

use toml_edit::{Array, DocumentMut, Item, RawString, Table, TableLike, Value};

use super::template::Template;
use super::versions;

/// Where cargo looks first.
pub const MANIFEST: &str = "Cargo.toml";

/// Some editors on Windows begin every file with it.
const MARK: &str = "\u{feff}";

/// A manifest with `[workspace]`.
pub struct Workspace {
    document: DocumentMut,
    /// What it begins with that is no TOML.
    mark: &'static str,
    /// What ends its lines, which the document does not know.
    end: &'static str,
}

impl Workspace {
    /// # Errors
    /// There is none in this folder.
    pub fn here() -> Result<Workspace, String> {
        let expected = format!("expected a {MANIFEST} with `[workspace]` in this folder");
        let elsewhere = |folder| format!(", which is in the workspace of {folder}: start there");
        let or_above = |otherwise: String| above().map_or(otherwise, elsewhere);
        let fault = match fs::read_to_string(MANIFEST) {
            Ok(text) => match text.parse::<DocumentMut>() {
                Ok(document) if document.contains_key("workspace") => {
                    return Ok(Workspace::of(&text, document));
                }
                Ok(_) => or_above(", found one without: write `[workspace]` into it".to_owned()),
                Err(error) => format!(": {error}"),
            },
            Err(error) => or_above(format!(": {error}; `linktab new` makes a folder with one")),
        };
        Err(format!("{expected}{fault}"))
    }

    fn of(text: &str, document: DocumentMut) -> Workspace {
        let mark = if text.starts_with(MARK) { MARK } else { "" };
        Workspace { document, mark, end: if text.contains("\r\n") { "\r\n" } else { "\n" } }
    }

    /// The version of PyO3 for a new member.
    ///
    /// # Errors
    /// There is none that those which are there go with too.
    pub fn pyo3(&self) -> Result<String, String> {
        versions::of_workspace(&self.document)
    }

    /// With a program as a member; versions that it has already stay.
    ///
    /// # Errors
    /// It is not what cargo expects.
    pub fn with(mut self, template: &Template) -> Result<Workspace, String> {
        let asked: DocumentMut =
            template.workspace().parse().map_err(|error| format!("the template: {error}"))?;
        let workspace = table(self.document.as_table_mut(), "workspace")?;
        let members = workspace
            .entry("members")
            .or_insert_with(|| Array::new().into())
            .as_array_mut()
            .ok_or_else(|| format!("expected a list as `workspace.members` in {MANIFEST}"))?;
        append(members, [template.name.clone(), format!("{}/extensions/*", template.name)]);
        let dependencies = table(workspace, "dependencies")?;
        let asked =
            asked.get("workspace").and_then(|it| it.get("dependencies")).and_then(Item::as_table_like);
        for (name, version) in asked.into_iter().flat_map(TableLike::iter) {
            if !dependencies.contains_key(name) {
                dependencies.insert(name, version.clone());
            }
        }
        Ok(self)
    }

    /// # Errors
    /// It cannot be written.
    pub fn write(&self) -> Result<(), String> {
        let text = format!("{}{}", self.mark, self.document).replace("\r\n", "\n").replace('\n', self.end);
        fs::write(MANIFEST, text).map_err(|error| format!("cannot write {MANIFEST}: {error}"))
    }
}

/// The next folder above this one with a workspace.
fn above() -> Option<String> {
    let here = env::current_dir().ok()?;
    let is_one = |folder: &&Path| {
        let text = fs::read_to_string(folder.join(MANIFEST)).unwrap_or_default();
        text.parse().is_ok_and(|document: DocumentMut| document.contains_key("workspace"))
    };
    here.ancestors().skip(1).find(is_one).map(|folder| folder.display().to_string())
}

/// Behind the last member: on lines of their own if the others are, and a comment behind the last one stays there.
fn append(members: &mut Array, more: [String; 2]) {
    let text = |raw: Option<&RawString>| raw.and_then(RawString::as_str).unwrap_or_default().to_owned();
    let indent = match members.iter().last().map(|last| text(last.decor().prefix())) {
        Some(before) if before.contains('\n') => before.rsplit('\n').next().unwrap_or_default().to_owned(),
        _ => return members.extend(more),
    };
    let behind = if members.trailing_comma() {
        text(Some(members.trailing()))
    } else {
        let last = members.len() - 1;
        members.get_mut(last).map_or_else(String::new, |last| {
            let behind = text(last.decor().suffix());
            last.decor_mut().set_suffix("");
            behind
        })
    };
    let (comments, closing) = behind.rsplit_once('\n').unwrap_or_default();
    for (member, before) in more.into_iter().zip([comments, ""]) {
        members.push_formatted(Value::from(member).decorated(format!("{before}\n{indent}"), ""));
    }
    members.set_trailing_comma(true);
    members.set_trailing(format!("\n{closing}"));
}

fn table<'t>(parent: &'t mut dyn TableLike, name: &str) -> Result<&'t mut dyn TableLike, String> {
    parent
        .entry(name)
        .or_insert_with(|| Item::Table(Table::new()))
        .as_table_like_mut()
        .ok_or_else(|| format!("expected a table as `{name}` in {MANIFEST}"))
}
