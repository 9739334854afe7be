//! The arguments of a driver that links a shared object in, those of the link of its twin out.
//!
//! GCC's manual, "Option Summary", and ld's, "Command-line Options", say what takes a value. What is meant
//! for the last step of a link is left out: a twin has no name, no versions and no libraries to load.
//! Libraries are left for `libraries` to look up.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::PathBuf;

/// A link, as far as its twin repeats it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Whether a shared object comes out.
    pub is_shared: bool,
    /// The file that comes out.
    pub output: PathBuf,
    /// What the twin's link takes, in order.
    pub words: Vec<Word>,
    /// Where libraries are looked for, in order.
    pub folders: Vec<PathBuf>,
    /// Whether nothing that nobody needs shall stay.
    pub collects: bool,
    /// Whether objects may be an optimiser's.
    pub optimises: bool,
    /// Whether C++'s own library shall be inside.
    pub static_cxx: bool,
}

/// A word of a link.
#[derive(Debug, PartialEq, Eq)]
pub enum Word {
    /// Taken as it is.
    As(OsString),
    /// Taken as it is, by the linker.
    Linker(String),
    /// `-l`, and whether only an archive will do.
    Library(String, bool),
}

/// A driver's options whose value is the next argument and which the twin keeps.
const KEPT_PAIRS: &[&str] = &[
    "-x",
    "-I",
    "-D",
    "-U",
    "-include",
    "-imacros",
    "-isystem",
    "-iquote",
    "-idirafter",
    "-isysroot",
    "-arch",
    "-target",
    "--param",
    "-Xassembler",
    "-Xpreprocessor",
    "-Xclang",
    "-mllvm",
    "-u",
];
/// Those that the twin does without.
const DROPPED_PAIRS: &[&str] = &["-T", "-e", "-z", "-MF", "-MT", "-MQ", "-h", "-R", "-soname"];
/// A linker's options whose value is the next word, without those of one dash and an equals sign.
const LINKER_PAIRS: &[&str] = &[
    "soname",
    "h",
    "rpath",
    "rpath-link",
    "version-script",
    "dynamic-list",
    "z",
    "m",
    "T",
    "exclude-libs",
    "Map",
    "dynamic-linker",
    "I",
    "e",
    "entry",
    "plugin",
    "plugin-opt",
    "init",
    "fini",
    "retain-symbols-file",
    "f",
    "F",
    "auxiliary",
    "filter",
    "a",
    "A",
    "b",
    "c",
    "G",
    "R",
    "assert",
    "Ttext",
    "Tdata",
    "Tbss",
    "section-start",
];

impl Line {
    /// Reads the arguments behind the driver's name.
    pub fn parse(arguments: &[OsString]) -> Line {
        let mut reader = Reader::default();
        reader.driver(&expanded(arguments, 8));
        let linker = std::mem::take(&mut reader.linker_words);
        reader.linker(&linker);
        reader.line
    }
}

/// Files of arguments, put where they were named (GCC's manual, "Overall Options", `@file`).
fn expanded(arguments: &[OsString], depth: usize) -> Vec<OsString> {
    let mut all = Vec::new();
    for argument in arguments {
        let file = argument.to_str().and_then(|text| text.strip_prefix('@'));
        match file.and_then(|file| fs::read_to_string(file).ok()) {
            Some(text) if depth > 0 => all.extend(expanded(&split(&text), depth - 1)),
            _ => all.push(argument.clone()),
        }
    }
    all
}

/// Words, as libiberty's `buildargv` splits them: blanks, quotes of both kinds, backslashes.
fn split(text: &str) -> Vec<OsString> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut signs = text.chars();
    while let Some(sign) = signs.next() {
        match sign {
            '\\' => word.get_or_insert_default().extend(signs.next()),
            '\'' | '"' if quote == Some(sign) => quote = None,
            '\'' | '"' if quote.is_none() => {
                quote = Some(sign);
                word.get_or_insert_default();
            }
            sign if sign.is_whitespace() && quote.is_none() => words.extend(word.take().map(OsString::from)),
            sign => word.get_or_insert_default().push(sign),
        }
    }
    words.extend(word.map(OsString::from));
    words
}

#[derive(Default)]
struct Reader {
    line: Line,
    /// Whether only archives will do now, and what was true before each `--push-state`.
    only_archives: bool,
    before: Vec<bool>,
    /// What `-Xlinker` collected and nothing ended yet.
    linker_words: Vec<String>,
}

impl Reader {
    fn driver(&mut self, arguments: &[OsString]) {
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let Some(text) = argument.to_str() else {
                self.flush();
                self.line.words.push(Word::As(argument.clone()));
                continue;
            };
            if let Some(words) = text.strip_prefix("-Wl,") {
                self.linker_words.extend(words.split(',').map(str::to_owned));
                continue;
            }
            let mut value = || arguments.next().and_then(|value| value.to_str()).unwrap_or_default();
            match text {
                "-Xlinker" => self.linker_words.push(value().to_owned()),
                "-o" => self.line.output = value().into(),
                "-L" => self.line.folders.push(value().into()),
                "-l" => self.library(value()),
                text if DROPPED_PAIRS.contains(&text) => drop(value()),
                text if KEPT_PAIRS.contains(&text) => {
                    let value = value();
                    self.keep(text);
                    self.keep(value);
                }
                text => self.option(text),
            }
        }
        self.flush();
    }

    /// An argument that has no value behind it.
    fn option(&mut self, text: &str) {
        let line = &mut self.line;
        match text {
            "-shared" | "--shared" => line.is_shared = true,
            "-static-libstdc++" => line.static_cxx = true,
            "-pie" | "-no-pie" | "-static-pie" | "-rdynamic" | "-nodefaultlibs" | "-nostdlib"
            | "-nostartfiles" | "-static-libgcc" | "-shared-libgcc" | "-s" | "-static" => {}
            _ if text.starts_with("-fuse-ld=") || text.starts_with("-B") => {}
            _ if text.starts_with("-L") => line.folders.push(text[2..].into()),
            _ if text.starts_with("-l") => self.library(&text[2..]),
            _ if text.starts_with("-o") && !text.starts_with("-ob") => line.output = text[2..].into(),
            _ if text.starts_with('-') => {
                line.optimises |= text.starts_with("-flto");
                self.keep(text);
            }
            file => self.file(file),
        }
    }

    /// The linker's words up to here, before what comes behind them.
    fn flush(&mut self) {
        let words = std::mem::take(&mut self.linker_words);
        self.linker(&words);
    }

    fn keep(&mut self, text: &str) {
        self.flush();
        self.line.words.push(Word::As(text.into()));
    }

    fn library(&mut self, name: &str) {
        self.flush();
        self.line.words.push(Word::Library(name.to_owned(), self.only_archives));
    }

    /// An input. Shared objects are loaded at run time, and named by the finished file.
    fn file(&mut self, file: &str) {
        let name = file.rsplit('/').next().unwrap_or(file);
        let is_shared_object = name.ends_with(".so") || name.contains(".so.");
        self.line.collects |= name.ends_with(".rlib");
        if is_shared_object {
            return self.flush();
        }
        self.keep(file);
    }

    fn linker(&mut self, words: &[String]) {
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let Some(option) = word.strip_prefix('-') else {
                if !word.is_empty() {
                    self.file_of_linker(word);
                }
                continue;
            };
            let option = option.strip_prefix('-').unwrap_or(option);
            match option {
                "shared" | "Bshareable" => self.line.is_shared = true,
                "gc-sections" => self.line.collects = true,
                "o" => self.line.output = words.next().map(OsStr::new).unwrap_or_default().into(),
                "Bstatic" | "dn" | "non_shared" | "static" => self.only_archives = true,
                "Bdynamic" | "dy" | "call_shared" => self.only_archives = false,
                "push-state" => self.before.push(self.only_archives),
                "pop-state" => self.only_archives = self.before.pop().unwrap_or(false),
                "whole-archive" | "no-whole-archive" | "start-group" | "end-group" | "(" | ")" => {}
                "u" | "undefined" | "wrap" | "defsym" => {
                    self.line.words.push(Word::Linker(format!("--{}", long(option))));
                    self.line.words.extend(words.next().map(|value| Word::Linker(value.clone())));
                    continue;
                }
                "L" | "library-path" => self.line.folders.extend(words.next().map(PathBuf::from)),
                option if LINKER_PAIRS.contains(&option) => drop(words.next()),
                option => self.joined(option),
            }
            if matches!(option, "push-state" | "pop-state")
                || option.ends_with("whole-archive")
                || option.ends_with("-group")
                || matches!(option, "(" | ")")
            {
                self.line.words.push(Word::Linker(word.clone()));
            }
        }
    }

    /// A linker's option with its value in the same word.
    fn joined(&mut self, option: &str) {
        let is_kept = ["undefined=", "wrap=", "defsym="].iter().any(|prefix| option.starts_with(prefix));
        if is_kept {
            self.line.words.push(Word::Linker(format!("--{option}")));
        } else if let Some(folder) = option.strip_prefix('L') {
            self.line.folders.push(folder.into());
        } else if let Some(name) = option.strip_prefix("library=").or_else(|| option.strip_prefix('l')) {
            self.line.words.push(Word::Library(name.to_owned(), self.only_archives));
        }
    }

    fn file_of_linker(&mut self, file: &str) {
        let name = file.rsplit('/').next().unwrap_or(file);
        if !name.ends_with(".so") && !name.contains(".so.") {
            self.line.words.push(Word::As(file.into()));
        }
    }
}

fn long(option: &str) -> &str {
    if option == "u" { "undefined" } else { option }
}

#[cfg(test)]
mod tests;
