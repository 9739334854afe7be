//! A cargo project in files of a test's own, what `cargo linktab check` says of it out.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use linktab_verify::commands::Exit;

use super::{Ran, scratch, target};
use crate::alone::alone;

/// Runs `cargo linktab` with arguments, in this process.
pub fn cargo_linktab<S: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = S>) -> Ran {
    let guard = alone("cargo");
    let mut command = vec![OsString::from("cargo"), OsString::from("linktab")];
    command.extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let exit = linktab_verify::commands::run_cargo(command, &mut out, &mut err);
    drop(guard);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the command writes UTF-8");
    Ran { exit, out: text(out), err: text(err) }
}

/// A cargo project that a test writes, builds and mends.
#[derive(Debug)]
pub struct Project {
    folder: PathBuf,
}

impl Project {
    /// Writes a program `app` with library crates below it: each is a name and its files. The
    /// program depends on all of them, and on linktab.
    pub fn new(name: &str, main: &str, crates: &[(&str, &[(&str, &str)])]) -> Project {
        let folder = scratch("projects").join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).expect("the scratch folder can be cleared");
        }
        let project = Project { folder };
        let registry = Path::new(env!("CARGO_MANIFEST_DIR")).join("../registry");
        let registry = registry.canonicalize().expect("the registry is there").display().to_string();
        // All projects share one target folder, in which cargo tells packages apart by their names
        // and versions, and by their paths below the workspace only.
        let version =
            format!("0.{}.0", name.bytes().fold(0_u16, |sum, byte| sum * 3 % 4099 + u16::from(byte)));
        let mut dependencies = format!("linktab = {{ path = {registry:?} }}\n");
        for (krate, files) in crates {
            let manifest = format!(
                "[package]\nname = \"{krate}\"\nversion = \"{version}\"\nedition = \"2024\"\n[dependencies]\n\
                 linktab = {{ path = {registry:?} }}\n"
            );
            project.write(&format!("{krate}/Cargo.toml"), &manifest);
            files.iter().for_each(|(file, text)| project.write(&format!("{krate}/{file}"), text));
            dependencies.push_str(&format!("{krate} = {{ path = {krate:?} }}\n"));
        }
        let manifest = format!(
            "[package]\nname = \"app\"\nversion = \"{version}\"\nedition = \"2024\"\n[dependencies]\n{dependencies}\
             [workspace]\n"
        );
        project.write("Cargo.toml", &manifest);
        project.write("src/main.rs", main);
        project
    }

    /// The path of a file of the project.
    pub fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    /// Writes a file of the project.
    pub fn write(&self, file: &str, text: &str) {
        let path = self.folder.join(file);
        let parent = path.parent().expect("a file is in a folder");
        fs::create_dir_all(parent).expect("the scratch folder is writable");
        fs::write(path, text).expect("the scratch folder is writable");
    }

    /// Runs `cargo linktab check` on it, with the paths of this machine replaced.
    pub fn check(&self, arguments: &[&str]) -> Ran {
        self.check_with(arguments, &[])
    }

    /// Does so, with more flags for cargo.
    pub fn check_with(&self, arguments: &[&str], flags: &[&str]) -> Ran {
        let manifest = self.folder.join("Cargo.toml").display().to_string();
        let target = target().join("verify-projects").display().to_string();
        let mut all = vec!["check", "--manifest-path", &manifest];
        all.extend(arguments);
        all.extend(["--", "--quiet", "--target-dir", &target]);
        all.extend(flags);
        let mut ran = cargo_linktab(all);
        let folder = self.folder.display().to_string();
        for text in [&mut ran.out, &mut ran.err] {
            *text = without_hashes(&text.replace(&target, "target").replace(&folder, "project"));
        }
        ran
    }
}

impl Ran {
    /// Stops the test unless nothing was found.
    ///
    /// # Panics
    ///
    /// When something was.
    pub fn assert_clean(&self) {
        assert_eq!((self.exit, &*self.err), (Exit::Clean, ""), "{}", self.out);
        assert!(self.out.ends_with(" 0 errors, 0 warnings\n"), "{}", self.out);
    }

    /// The report, in which something was found.
    ///
    /// # Panics
    ///
    /// When nothing was.
    #[must_use]
    pub fn found(self) -> String {
        assert_eq!((self.exit, &*self.err), (Exit::Findings, ""), "{}", self.out);
        self.out
    }
}

/// An extension crate that registers one module.
#[must_use]
pub fn extension(name: &str, value: u8) -> String {
    format!(
        "pub struct PyObject;\n\n#[linktab::extension_module(\"{name}\")]\nunsafe extern \"C\" fn init() -> *mut \
         PyObject {{\n    std::ptr::without_provenance_mut({value})\n}}\n"
    )
}

/// Replaces the 16 digits that cargo puts behind the names of libraries.
#[must_use]
pub fn without_hashes(text: &str) -> String {
    let mut out = String::new();
    for (index, part) in text.split('-').enumerate() {
        let is_hash = index > 0
            && part.len() > 16
            && part.as_bytes()[..16].iter().all(u8::is_ascii_hexdigit)
            && matches!(part.as_bytes()[16], b'.' | b'/' | b':' | b'\n');
        if index > 0 {
            out.push('-');
        }
        out.push_str(if is_hash { "HASH" } else { "" });
        out.push_str(if is_hash { &part[16..] } else { part });
    }
    out
}
