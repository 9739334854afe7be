//! The manifest of an existing workspace in, the same with a program and what that depends on out: what stood there
//! stays.

use std::fs;

use toml_edit::{Array, DocumentMut, Item, Table, TableLike};

use super::template::Template;

/// Where cargo looks first.
pub const MANIFEST: &str = "Cargo.toml";

/// A manifest with `[workspace]`.
pub struct Workspace(DocumentMut);

impl Workspace {
    /// # Errors
    /// There is none in this folder.
    pub fn here() -> Result<Workspace, String> {
        let expected = format!("expected a {MANIFEST} with `[workspace]` in this folder");
        let text = fs::read_to_string(MANIFEST)
            .map_err(|error| format!("{expected}: {error}; `linktab new` makes a folder with one"))?;
        let document: DocumentMut = text.parse().map_err(|error| format!("{expected}: {error}"))?;
        if document.get("workspace").is_none() {
            return Err(format!("{expected}, found one without: write `[workspace]` into it"));
        }
        Ok(Workspace(document))
    }

    /// With a program as a member; versions that it has already stay.
    ///
    /// # Errors
    /// It is not what cargo expects.
    pub fn with(mut self, template: &Template) -> Result<Workspace, String> {
        let asked: DocumentMut =
            template.workspace().parse().map_err(|error| format!("the template: {error}"))?;
        let workspace = table(self.0.as_table_mut(), "workspace")?;
        let members = workspace
            .entry("members")
            .or_insert_with(|| Array::new().into())
            .as_array_mut()
            .ok_or_else(|| format!("expected a list as `workspace.members` in {MANIFEST}"))?;
        for member in [template.name.clone(), format!("{}/extensions/*", template.name)] {
            members.push(member);
        }
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
        fs::write(MANIFEST, self.0.to_string()).map_err(|error| format!("cannot write {MANIFEST}: {error}"))
    }
}

fn table<'t>(parent: &'t mut dyn TableLike, name: &str) -> Result<&'t mut dyn TableLike, String> {
    parent
        .entry(name)
        .or_insert_with(|| Item::Table(Table::new()))
        .as_table_like_mut()
        .ok_or_else(|| format!("expected a table as `{name}` in {MANIFEST}"))
}
