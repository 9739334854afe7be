//! What a build script asked cargo to link in, libraries and words of a linker's command line out.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{Kind, Library, Program};

/// cargo's message that one has run (cargo reference, "External tools", build script output).
#[derive(Deserialize)]
pub struct BuildScript {
    pub package_id: String,
    linked_libs: Vec<String>,
    linked_paths: Vec<String>,
    out_dir: PathBuf,
}

/// The programs of the script's package that an argument is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum For {
    All,
    Kind(Kind),
    Named(String),
}

impl For {
    pub fn is(&self, program: &Program) -> bool {
        match self {
            For::All => true,
            For::Kind(kind) => *kind == program.kind,
            For::Named(name) => program.kind == Kind::Binary && *name == program.name,
        }
    }
}

impl BuildScript {
    fn folders(&self) -> Vec<PathBuf> {
        let folder = |path: &String| path.split_once('=').map_or(path.as_str(), |(_, folder)| folder).into();
        self.linked_paths.iter().map(folder).collect()
    }

    /// The static libraries, which rustc looks up in the given folders (rustc, "`-l`").
    pub fn libraries(&self) -> Vec<Library> {
        let folders = self.folders();
        let mut libraries = Vec::new();
        for library in &self.linked_libs {
            let Some((kind, name)) = library.split_once('=') else { continue };
            if kind != "static" && !kind.starts_with("static:") {
                continue;
            }
            // `static=name:other` links it under another name.
            let name = name.split(':').next().unwrap_or(name);
            let files = [format!("lib{name}.a"), format!("{name}.lib"), name.to_owned()];
            let paths = folders.iter().flat_map(|folder| files.iter().map(move |file| folder.join(file)));
            libraries.extend(
                paths.filter(|path| path.is_file()).take(1).map(|path| Library::new(&self.package_id, path)),
            );
        }
        libraries
    }

    /// All other libraries, as a linker gets them: it takes an archive where there is nothing shared.
    pub fn words(&self) -> Vec<OsString> {
        let mut words = self.searched();
        for library in &self.linked_libs {
            let (kind, name) = library.split_once('=').unwrap_or(("dylib", library));
            let name = name.split(':').next().unwrap_or(name);
            match kind.split(':').next() {
                Some("dylib") if kind.contains("+verbatim") => words.push(format!("-l:{name}").into()),
                Some("dylib") => words.push(format!("-l{name}").into()),
                _ => {}
            }
        }
        words
    }

    /// The folders that a linker looks in.
    pub fn searched(&self) -> Vec<OsString> {
        let word = |folder: &PathBuf| {
            let mut word = OsString::from("-L");
            word.push(folder);
            word
        };
        self.folders().iter().map(word).collect()
    }

    /// The linker's arguments for the package's own programs. Cargo's messages do not tell them; it keeps
    /// what the script printed beside its folder.
    pub fn arguments(&self, root: &Path) -> Result<Vec<(For, OsString)>, String> {
        let printed = self.out_dir.parent().unwrap_or(Path::new("")).join("output");
        let text = fs::read(&printed).map_err(|error| {
            format!(
                "{}: {error}, so that what its build script gave the linker was not looked at",
                printed.display()
            )
        })?;
        let text = String::from_utf8_lossy(&text);
        Ok(text.lines().filter_map(|line| argument(line, root)).collect())
    }
}

/// An instruction of a build script (cargo reference, "Build Scripts", `rustc-link-arg`).
fn argument(line: &str, root: &Path) -> Option<(For, OsString)> {
    let instruction = line.strip_prefix("cargo::").or_else(|| line.strip_prefix("cargo:"))?;
    let (key, value) = instruction.split_once('=')?;
    let (programs, word) = match key {
        "rustc-link-arg" => (For::All, value),
        "rustc-link-arg-bins" => (For::Kind(Kind::Binary), value),
        "rustc-link-arg-tests" | "rustc-link-arg-examples" | "rustc-link-arg-benches" => {
            (For::Kind(Kind::Development), value)
        }
        "rustc-link-arg-cdylib" | "rustc-cdylib-link-arg" => (For::Kind(Kind::Shared), value),
        "rustc-link-arg-bin" => {
            let (name, word) = value.split_once('=')?;
            (For::Named(name.to_owned()), word)
        }
        _ => return None,
    };
    // rustc, and the linker below it, run in the workspace's folder.
    let path = root.join(word);
    let is_file = !word.starts_with('-') && path.is_file();
    Some((programs, if is_file { path.into_os_string() } else { word.into() }))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{For, Kind, argument};

    #[test]
    fn instructions_are_read_as_cargo_reads_them() {
        let read = |line| argument(line, Path::new("/nowhere"));
        assert_eq!(read("cargo::rustc-link-arg=-lx"), Some((For::All, "-lx".into())));
        assert_eq!(read("cargo:rustc-link-arg-bins=/a.a"), Some((For::Kind(Kind::Binary), "/a.a".into())));
        let named = Some((For::Named("app".into()), "-Wl,a=b".into()));
        assert_eq!(read("cargo::rustc-link-arg-bin=app=-Wl,a=b"), named);
        assert_eq!(read("cargo::rustc-link-lib=x"), None);
        assert_eq!(read("warning=x"), None);
    }
}
