//! The files of the repository in, what does not belong into them out.
//!
//! Reads text; knows no Rust grammar. Each rule is a function from a file to its faults.

mod files;
mod imports;
mod layers;
mod map;
mod rules;
mod versions;

use std::path::Path;

use anyhow::Result;

pub use rules::RULES;

/// A text file of the repository.
#[derive(Debug)]
pub struct File {
    /// Relative to the root, with `/`.
    pub path: String,
    /// What is in it.
    pub text: String,
}

/// One thing that no file may have.
#[derive(Debug)]
pub struct Rule {
    /// What holds where nothing is found.
    pub holds: &'static str,
    /// How it is looked for.
    pub faults: Faults,
}

/// What a rule looks at.
#[derive(Debug)]
pub enum Faults {
    /// One file: line (0: the file as a whole) and what is there.
    OfFile(fn(&File) -> Vec<(usize, String)>),
    /// All files beside each other; a fault names its own.
    OfAll(fn(&[File]) -> Vec<String>),
}

impl Faults {
    fn find(&self, files: &[File]) -> Vec<String> {
        match self {
            Faults::OfAll(faults) => faults(files),
            Faults::OfFile(faults) => {
                let describe = |file: &File| -> Vec<String> {
                    faults(file).into_iter().map(|fault| describe(&file.path, fault)).collect()
                };
                files.iter().flat_map(describe).collect()
            }
        }
    }
}

/// For each rule, the faults in the files below `root`, as `path:line: what`.
///
/// # Errors
/// A folder cannot be read.
pub fn check(root: &Path) -> Result<Vec<(&'static Rule, Vec<String>)>> {
    let files = files::below(root)?;
    Ok(RULES.iter().map(|rule| (rule, rule.faults.find(&files))).collect())
}

fn describe(path: &str, (line, what): (usize, String)) -> String {
    if line == 0 { format!("{path}: {what}") } else { format!("{path}:{line}: {what}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(path: &str, text: &str) -> Vec<String> {
        let file = File { path: path.to_owned(), text: text.to_owned() };
        RULES.iter().flat_map(|rule| rule.faults.find(std::slice::from_ref(&file))).collect()
    }

    #[test]
    fn planted_faults_are_found_with_their_line() {
        let home = ["", "home", "ann", "src"].join("/");
        let host = ["https:", "", concat!("pypi", ".org"), "simple"].join("/");
        let rust = format!("fn main() {{}}\n// see {home}\n{}ignore]\nfn t() {{}}\n// {host}\n", "#[");
        let long = format!("//! Long.\n{}", "\n".repeat(300));
        let found = [faults("a/src/lib.rs", &rust), faults("b.rs", &long), faults("c.snap.new", "")];
        insta::assert_snapshot!(found.concat().join("\n"));
    }

    #[test]
    fn clean_files_have_no_faults() {
        let root = ["target", "root", "usr"].join("/");
        let excused =
            format!("//! One table.\n//!\n//! Long because the table is one.\n{}", "\n".repeat(400));
        let lock = concat!("source = \"registry+https://github.com/rust-lang/crates", ".io-index\"\n");
        assert_eq!(faults("src/lib.rs", &format!("//! Fine.\n// in {root} and /usr/bin\n")), [""; 0]);
        assert_eq!(faults("src/table.rs", &excused), [""; 0]);
        assert_eq!(faults("fixtures/Cargo.lock", lock), [""; 0]);
        assert_eq!(faults("README.md", "no Rust\n"), [""; 0]);
    }
}
