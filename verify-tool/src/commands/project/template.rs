//! What a project is called and what it is to have in, its files out: templates, with names filled in.

use std::path::PathBuf;

use toml_edit::Value;

use super::kind::Kind;

/// A project to be made.
pub struct Template {
    pub name: String,
    /// Its Python package.
    pub module: String,
    /// In the order of their words.
    pub kinds: Vec<Kind>,
    /// A checkout of linktab.
    pub source: Option<PathBuf>,
    /// The version of PyO3 that new extensions ask for.
    pub pyo3: String,
}

/// A path and a text.
type File = (String, String);

impl Template {
    /// The program and its extensions, in a folder that ends with a slash or is none.
    pub fn program(&self, folder: &str) -> Vec<File> {
        let extensions = self.lines(|kind| {
            format!("{}-{kind} = {{ path = \"extensions/{kind}\" }}", self.name, kind = kind.word())
        });
        let uses = self.lines(|kind| format!("use {}_{} as _;", self.module, kind.word()));
        let manifest = include_str!("files/application/manifest.toml").replace("<extensions>", &extensions);
        let main = include_str!("files/application/main.rs").replace("<uses>", &uses);
        let mut files = vec![
            (format!("{folder}Cargo.toml"), self.filled(&manifest)),
            (format!("{folder}build.rs"), include_str!("files/application/build.rs").to_owned()),
            (format!("{folder}src/main.rs"), main),
        ];
        for kind in &self.kinds {
            let of_kind = kind.files().iter();
            files.extend(of_kind.map(|(path, text)| {
                (format!("{folder}extensions/{}/{path}", kind.word()), self.filled(text))
            }));
        }
        files
    }

    /// A repository: the program, whose manifest is the workspace's too, and what stands around it.
    pub fn repository(&self) -> Vec<File> {
        let mut files = self.program("");
        if let Some((_, manifest)) = files.first_mut() {
            manifest.push_str(&self.workspace());
        }
        files.push((".gitignore".to_owned(), include_str!("files/application/gitignore").to_owned()));
        files.push(self.workflow());
        files
    }

    pub fn workflow(&self) -> File {
        let tools = match self.tools() {
            tools if tools.is_empty() => String::new(),
            tools => include_str!("files/application/tools.yml").replace("<tools>", &tools),
        };
        let modules: Vec<String> = self.modules().collect();
        let text = include_str!("files/application/check.yml").replace("<tools>\n", &tools);
        let text = self.filled(&text).replace("<modules>", &modules.join(", "));
        (format!(".github/workflows/{}.yml", self.name), text)
    }

    /// `[workspace]` and its dependencies.
    pub fn workspace(&self) -> String {
        let folders = [("linktab", "registry"), ("linktab-build", "build"), ("linktab-finder", "finder")];
        let text = include_str!("files/application/workspace.toml").replace("<pyo3>", &self.pyo3);
        folders.into_iter().fold(text, |text, (package, folder)| {
            text.replace(&format!("<{package}>"), &self.dependency(folder))
        })
    }

    fn dependency(&self, folder: &str) -> String {
        match &self.source {
            Some(source) => {
                let path = Value::from(source.join(folder).display().to_string());
                format!("{{ path = {path} }}")
            }
            None => format!("\"{}\"", env!("CARGO_PKG_VERSION")),
        }
    }

    /// What pip has to install before a build.
    pub fn tools(&self) -> String {
        let tools: Vec<&str> = self.kinds.iter().filter_map(|kind| kind.tool()).collect();
        tools.join(" ")
    }

    /// Python code that shows that it works.
    pub fn call(&self) -> String {
        let module = self.modules().next().unwrap_or_default();
        format!("import {module} as m; print(m, m.answer())")
    }

    fn modules(&self) -> impl Iterator<Item = String> {
        self.kinds.iter().map(|kind| format!("{}._{}", self.module, kind.word()))
    }

    fn lines(&self, line: impl Fn(Kind) -> String) -> String {
        let lines: Vec<String> = self.kinds.iter().map(|kind| line(*kind)).collect();
        lines.join("\n")
    }

    fn filled(&self, text: &str) -> String {
        text.replace("<name>", &self.name).replace("<module>", &self.module)
    }
}
