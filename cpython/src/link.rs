//! An interpreter in, the ways to link its library out, best first.
//!
//! Pure: looks at folder listings that it is given. Which of the ways works, `probe.rs` finds out.

use std::path::{Path, PathBuf};

use crate::driver::Words;
use crate::interpreter::Interpreter;

/// How libpython gets into the executable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An archive of position-independent code: links into any executable.
    StaticPic,
    /// An archive that only a position-dependent executable takes (`-no-pie`).
    Static,
    /// `libpython3.X.so`, found again when the program starts.
    Shared,
}

/// One way to link libpython.
#[derive(Debug, Clone)]
pub struct Link {
    /// Static or shared.
    pub kind: Kind,
    /// `python3.11-pic`: what goes behind `-l`.
    pub lib_name: String,
    /// Where the library is.
    pub lib_dir: PathBuf,
    /// Where the libraries below are looked for, besides the linker's own places.
    pub search: Vec<PathBuf>,
    /// What libpython itself needs, in cargo's spelling: `expat`, `static=z`, `framework=CoreFoundation`.
    pub needs: Vec<String>,
    /// What the linker of programs gets besides.
    pub words: Words,
}

impl Kind {
    /// The word that people use.
    pub fn name(self) -> &'static str {
        match self {
            Self::StaticPic => "static, position-independent",
            Self::Static => "static, position-dependent (-no-pie)",
            Self::Shared => "shared",
        }
    }
}

/// All of them, archives first.
pub fn all(interpreter: &Interpreter, list: impl Fn(&Path) -> Vec<String> + Copy) -> Vec<Link> {
    let archives = [Kind::StaticPic, Kind::Static].into_iter();
    let archives = archives.flat_map(|kind| static_links(interpreter, kind, list));
    archives.chain(shared_link(interpreter, list)).collect()
}

/// The archives of `interpreter`, as `kind` can use them.
pub fn static_links(interpreter: &Interpreter, kind: Kind, list: impl Fn(&Path) -> Vec<String>) -> Vec<Link> {
    let mut links: Vec<Link> = Vec::new();
    for dir in archive_dirs(interpreter, &list) {
        for lib_name in archives(&list(&dir), &interpreter.ld_version) {
            if !links.iter().any(|link| link.lib_dir == dir && link.lib_name == lib_name) {
                let (search, needs) = (Vec::new(), needs(&interpreter.link_words));
                let mut words = Words::default();
                words.after.extend((kind == Kind::Static).then(|| "-no-pie".to_owned()));
                links.push(Link { kind, lib_name, lib_dir: dir.clone(), search, needs, words });
            }
        }
    }
    links
}

/// The shared library of `interpreter`.
pub fn shared_link(interpreter: &Interpreter, list: impl Fn(&Path) -> Vec<String>) -> Option<Link> {
    let lib_name = format!("python{}", interpreter.ld_version);
    let dirs = library_dirs(interpreter);
    let names = [format!("lib{lib_name}.so"), format!("lib{lib_name}.dylib")];
    let lib_dir = dirs.into_iter().find(|dir| list(dir).iter().any(|file| names.contains(file)))?;
    let words = Words { before: Vec::new(), after: vec![format!("-Wl,-rpath,{}", lib_dir.display())] };
    Some(Link { kind: Kind::Shared, lib_name, lib_dir, search: Vec::new(), needs: Vec::new(), words })
}

fn archive_dirs(interpreter: &Interpreter, list: &impl Fn(&Path) -> Vec<String>) -> Vec<PathBuf> {
    let mut dirs: Vec<PathBuf> = list(&interpreter.stdlib)
        .into_iter()
        .filter(|name| name.starts_with("config-"))
        .map(|name| interpreter.stdlib.join(name))
        .collect();
    dirs.extend(own(interpreter, interpreter.lib_pl.as_deref()));
    dirs.extend(library_dirs(interpreter));
    dirs
}

fn library_dirs(interpreter: &Interpreter) -> Vec<PathBuf> {
    let lib = interpreter.base_prefix.join("lib");
    let mut dirs: Vec<PathBuf> = own(interpreter, interpreter.lib_dir.as_deref()).into_iter().collect();
    dirs.extend(interpreter.multiarch.as_ref().map(|multiarch| lib.join(multiarch)));
    dirs.push(lib);
    dirs
}

/// A configuration variable keeps the path of the machine that built this Python: where it was moved,
/// the path may lead to another Python.
fn own(interpreter: &Interpreter, dir: Option<&Path>) -> Option<PathBuf> {
    dir.filter(|dir| dir.starts_with(&interpreter.base_prefix)).map(Path::to_owned)
}

/// Debian's `-pic` archive before the plain one, which is position-independent only where CPython
/// was configured with `--enable-shared` (`Makefile.pre.in`: `CCSHARED` goes into all objects then).
fn archives(files: &[String], ld_version: &str) -> Vec<String> {
    [format!("python{ld_version}-pic"), format!("python{ld_version}")]
        .into_iter()
        .filter(|name| files.contains(&format!("lib{name}.a")))
        .collect()
}

/// The libraries in linker words, each once. The last mention counts, as for a linker that reads
/// from left to right.
fn needs(words: &str) -> Vec<String> {
    let mut needs: Vec<String> = Vec::new();
    let mut words = words.split_whitespace();
    while let Some(word) = words.next() {
        let need = match (word, word.strip_prefix("-l")) {
            (_, Some(name)) => name.to_owned(),
            ("-framework", None) => format!("framework={}", words.next().unwrap_or_default()),
            _ => continue,
        };
        needs.retain(|known| *known != need);
        needs.push(need);
    }
    needs
}

impl Link {
    /// Takes the libraries that libpython needs from `dir`, as archives where it has them: the
    /// `.so` links in an unpacked package point to places of the real root.
    pub fn prefer_archives_in(&mut self, dir: &Path, list: impl Fn(&Path) -> Vec<String>) {
        let files = list(dir);
        // libc's own stay dynamic: a static libm beside a dynamic libc is two halves of one library.
        let of_libc = ["m", "dl", "pthread", "util", "rt", "c"];
        for need in &mut self.needs {
            if files.contains(&format!("lib{need}.a")) && !of_libc.contains(&need.as_str()) {
                *need = format!("static={need}");
            }
        }
        self.search.push(dir.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interpreter::DEBIAN;

    #[test]
    fn needs_are_unique_and_keep_the_last_place() {
        let words = "-lcrypt -ldl -L/opt/lib -Wl,-rpath,/opt/lib -lm -lz -lm -framework CoreFoundation -lz";
        assert_eq!(needs(words), ["crypt", "dl", "m", "framework=CoreFoundation", "z"]);
    }

    #[test]
    fn the_pic_archive_comes_first_and_other_versions_are_left_alone() {
        let files = ["libpython3.11.a", "libpython3.11-pic.a", "libpython3.11.so", "libpython3.1.a"]
            .map(str::to_owned);
        assert_eq!(archives(&files, "3.11"), ["python3.11-pic", "python3.11"]);
        assert_eq!(archives(&files, "3.11t"), [""; 0]);
    }

    #[test]
    fn a_python_that_was_moved_does_not_take_its_namesakes_library() {
        let system = Interpreter::parse(DEBIAN).unwrap();
        let moved = Interpreter {
            base_prefix: "unpacked/usr".into(),
            stdlib: "unpacked/usr/lib/python3.11".into(),
            ..system.clone()
        };
        let list = |dir: &Path| match dir.to_str().unwrap() {
            "unpacked/usr/lib/python3.11" => vec!["config-3.11-x".to_owned()],
            _ => vec!["libpython3.11.a".to_owned(), "libpython3.11.so".to_owned()],
        };
        let dirs = |interpreter| -> Vec<PathBuf> {
            let links = static_links(interpreter, Kind::StaticPic, list).into_iter();
            links.chain(shared_link(interpreter, list)).map(|link| link.lib_dir).collect()
        };
        insta::assert_debug_snapshot!([dirs(&system), dirs(&moved)]);
    }

    #[test]
    fn what_an_unpacked_folder_has_as_archive_is_taken_as_archive() {
        let mut link = Link {
            kind: Kind::StaticPic,
            lib_name: "python3.11-pic".into(),
            lib_dir: "root/config".into(),
            search: Vec::new(),
            needs: needs("-ldl -lm -lexpat -lcrypt"),
            words: Words::default(),
        };
        link.prefer_archives_in(Path::new("root/lib"), |_| {
            ["libexpat.a", "libm.a", "libcrypt.so"].map(str::to_owned).into()
        });
        assert_eq!(link.needs, ["dl", "m", "static=expat", "crypt"]);
        assert_eq!(link.search, [Path::new("root/lib")]);
    }
}
