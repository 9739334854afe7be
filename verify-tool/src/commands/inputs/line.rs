//! Words of a linker's command line in, the files and libraries that they name out, and the folders that
//! libraries are looked for in.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::slice;

/// What a command line names.
#[derive(Default)]
pub struct Line {
    pub named: Vec<Named>,
    /// Of `-L`, which counts for every `-l`, before it or behind (GNU ld, "Options", `-L`).
    pub folders: Vec<PathBuf>,
}

/// An input.
#[derive(Debug, PartialEq, Eq)]
pub enum Named {
    File(PathBuf),
    /// Of `-l`; a colon in front means that the name is the file's.
    Library {
        name: String,
        is_static: bool,
    },
    /// A file with the names of files in a folder, one in each line.
    List {
        path: PathBuf,
        folder: PathBuf,
    },
    /// A file that another file names.
    Beside {
        path: PathBuf,
        file: PathBuf,
    },
}

/// Options whose argument is an input, one or more (Apple, ld(1); libtool(1)).
const INPUTS: &[&str] =
    &["force_load", "load_hidden", "weak_library", "reexport_library", "needed_library", "upward_library"];

/// What stands before the name of a library, and means it is linked in another way than by default.
const LIBRARIES: &[&str] = &["weak-l", "hidden-l", "reexport-l", "needed-l", "upward-l", "lazy-l"];

/// Options of linkers and of compilers that link, whose argument is the next word and no input.
const ARGUMENTS: &[&str] = &[
    "A",
    "P",
    "Tbss",
    "Tdata",
    "Trodata-segment",
    "Ttext",
    "Ttext-segment",
    "Y",
    "audit",
    "auxiliary",
    "depaudit",
    "exclude-libs",
    "filter",
    "format",
    "gpsize",
    "hash-size",
    "image-base",
    "retain-symbols-file",
    "section-ordering-file",
    "section-start",
    "sort-section",
    "subsystem",
    "symbol-ordering-file",
    "trace-symbol",
    "D",
    "F",
    "G",
    "I",
    "MF",
    "MQ",
    "MT",
    "R",
    "U",
    "Xassembler",
    "Xclang",
    "Xpreprocessor",
    "aux-info",
    "a",
    "allowable_client",
    "arch",
    "arch_multiple",
    "assert",
    "b",
    "bundle_loader",
    "c",
    "client_name",
    "compatibility_version",
    "current_version",
    "defsym",
    "dependency_info",
    "dlopen",
    "dlpreopen",
    "dylinker_install_name",
    "dynamic-linker",
    "dynamic-list",
    "e",
    "emulation",
    "entry",
    "exported_symbol",
    "exported_symbols_list",
    "f",
    "fini",
    "final_output",
    "flavor",
    "framework",
    "h",
    "idirafter",
    "image_base",
    "imacros",
    "include",
    "init",
    "install_name",
    "iquote",
    "isysroot",
    "isystem",
    "just-symbols",
    "lto_library",
    "m",
    "macos_version_min",
    "macosx_version_min",
    "map",
    "Map",
    "mllvm",
    "o",
    "object_path_lto",
    "oformat",
    "order_file",
    "out-implib",
    "output",
    "pagezero_size",
    "plugin",
    "plugin-opt",
    "rpath",
    "rpath-link",
    "soname",
    "specs",
    "stack_size",
    "sub_library",
    "sub_umbrella",
    "syslibroot",
    "sysroot",
    "target",
    "u",
    "umbrella",
    "undefined",
    "unexported_symbol",
    "unexported_symbols_list",
    "version-script",
    "weak_framework",
    "wrap",
    "y",
    "z",
    "-param",
    "B",
    "compress-debug-sections",
    "dependency-file",
    "dumpbase",
    "dumpdir",
    "error-handling-script",
    "export-dynamic-symbol",
    "export-dynamic-symbol-list",
    "gcc-toolchain",
    "hash-style",
    "ignore-unresolved-symbol",
    "orphan-handling",
    "reproduce",
    "require-defined",
    "resource-dir",
    "serialize-diagnostics",
    "spare-dynamic-tags",
    "undefined-glob",
    "unresolved-symbols",
    "working-directory",
    "wrapper",
    "icf",
    "pack-dyn-relocs",
];

/// Languages that compilers know (GCC, "Overall Options", `-x`), without those of sources.
const LANGUAGES: [&str; 8] =
    ["none", "c", "c++", "objective-c", "objective-c++", "assembler", "assembler-with-cpp", "ir"];

/// Such options with three arguments.
const THREE_ARGUMENTS: &[&str] = &["platform_version", "sectcreate", "segcreate"];

impl Line {
    pub fn parse(words: &[OsString]) -> Line {
        let mut line = Line::default();
        let mut library = Libraries::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let option =
                word.to_str().and_then(|word| word.strip_prefix('-')).filter(|option| !option.is_empty());
            let Some(option) = option.map(str::to_owned) else {
                line.named.push(Named::File(word.into()));
                continue;
            };
            line.option(&option, &mut words, &mut library);
        }
        line
    }

    fn option(&mut self, option: &str, words: &mut slice::Iter<'_, OsString>, library: &mut Libraries) {
        // One dash or two; a single letter with two is another option.
        let long = option.strip_prefix('-').unwrap_or(option);
        if library.switch(long) {
            return;
        }
        if ARGUMENTS.contains(&option) || (long.len() > 1 && ARGUMENTS.contains(&long)) {
            words.next();
        } else if let Some(folder) = value(option, "L", "library-path", words) {
            let folder = folder.to_string_lossy().trim_start_matches('=').to_owned();
            self.folders.push(folder.into());
        } else if let Some(script) = value(option, "T", "script", words)
            .or_else(|| value(option, "dT", "default-script", words))
            .or_else(|| option.strip_prefix("-mri-script=").map(OsString::from))
        {
            self.named.push(Named::File(script.into()));
        } else if INPUTS.contains(&long) {
            self.named.extend(words.next().map(|file| Named::File(file.into())));
        } else if long == "filelist" {
            self.named.extend(words.next().map(self::list));
        } else if THREE_ARGUMENTS.contains(&long) {
            words.take(3).for_each(drop);
        } else if option == "x" {
            // Of compilers it has an argument, a language; of linkers it has none.
            let is_language = |word: &OsString| word.to_str().is_some_and(|word| LANGUAGES.contains(&word));
            if words.as_slice().first().is_some_and(is_language) {
                words.next();
            }
        } else if let Some(name) = LIBRARIES.iter().find_map(|before| long.strip_prefix(before)) {
            self.named.push(Named::Library { name: name.to_owned(), is_static: false });
        } else if let Some(name) = value(option, "l", "library", words) {
            let name = name.to_string_lossy().into_owned();
            self.named.push(Named::Library { name, is_static: library.is_static });
        }
    }
}

/// Whether libraries are looked for that are not shared.
#[derive(Default)]
struct Libraries {
    is_static: bool,
    pushed: Vec<bool>,
}

impl Libraries {
    fn switch(&mut self, option: &str) -> bool {
        match option {
            "Bstatic" | "static" | "dn" | "non_shared" | "static-pie" => self.is_static = true,
            "Bdynamic" | "dy" | "call_shared" => self.is_static = false,
            "push-state" => self.pushed.push(self.is_static),
            "pop-state" => self.is_static = self.pushed.pop().unwrap_or(self.is_static),
            _ => return false,
        }
        true
    }
}

/// The argument of an option: `-Lx`, `-L x`, `--library-path=x`, `--library-path x`.
fn value(option: &str, short: &str, long: &str, words: &mut slice::Iter<'_, OsString>) -> Option<OsString> {
    if option == short || option.strip_prefix('-') == Some(long) {
        return words.next().cloned();
    }
    let rest = option.strip_prefix('-').and_then(|option| option.strip_prefix(long));
    if let Some(value) = rest.and_then(|rest| rest.strip_prefix('=')) {
        return Some(value.into());
    }
    // What follows the letter at once, unless that is a word of its own.
    let is_other = OTHERS.iter().any(|other| option.starts_with(other));
    option.strip_prefix(short).filter(|_| !is_other).map(OsString::from)
}

/// Options that begin with the letter of another (GNU ld, "Options"; Apple, ld(1)).
const OTHERS: [&str; 7] = ["Tbss", "Tdata", "Trodata", "Ttext", "ld_classic", "ld_new", "lto"];

/// A list, behind which the folder of its names may stand (Apple, ld(1), `-filelist`).
fn list(list: &OsString) -> Named {
    let list = list.to_string_lossy();
    let (path, folder) = list.split_once(',').unwrap_or((&*list, ""));
    Named::List { path: path.into(), folder: folder.into() }
}

/// Words of another file: options, and files that are looked for from that file's folder on.
pub fn of_file(words: impl IntoIterator<Item = String>, file: &Path) -> Line {
    let mut line = Line::parse(&words.into_iter().map(OsString::from).collect::<Vec<_>>());
    for named in &mut line.named {
        if let Named::File(path) = named {
            *named = Named::Beside { path: std::mem::take(path), file: file.to_owned() };
        }
    }
    line
}
