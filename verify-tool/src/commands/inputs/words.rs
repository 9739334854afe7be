//! Arguments and response files in, words of a linker's command line out: with the files behind `@` in
//! their place, and without what compilers wrap the words in.

use std::ffi::{OsStr, OsString};
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::super::{Stop, files};
use super::DEPTH;
use crate::{Error, Kind, Limits, paths, plain};

/// Response files that one command line may name; GCC allows 2000 too.
const FILES: usize = 2000;

/// What was given, as the linker would get it.
pub struct Words {
    pub all: Vec<OsString>,
    /// What could not be looked at.
    pub errors: Vec<Error>,
    /// The response files that the user gave, each with the places of its words.
    pub files: Vec<(PathBuf, Range<usize>)>,
    /// Bytes that response files may still have.
    bytes_left: u64,
    files_left: usize,
    /// Whether the next word belongs to the linker (`-Xlinker`).
    is_wrapped: bool,
}

impl Words {
    pub fn new(limits: &Limits) -> Words {
        let (bytes_left, files_left) = (limits.arguments, FILES);
        Words {
            all: Vec::new(),
            errors: Vec::new(),
            files: Vec::new(),
            bytes_left,
            files_left,
            is_wrapped: false,
        }
    }

    /// Takes what the user gave: a path, a response file, or a word.
    pub fn argument(&mut self, argument: &OsStr) -> Result<(), Stop> {
        match argument.as_encoded_bytes().strip_prefix(b"@").map(paths::of_bytes) {
            None => {
                self.word(argument.to_owned(), 0);
                Ok(())
            }
            Some(file) => {
                let file = PathBuf::from(file);
                let text = self.read(&file)?;
                let start = self.all.len();
                self.response(&text, 1);
                self.files.push((file, start..self.all.len()));
                Ok(())
            }
        }
    }

    fn read(&mut self, file: &Path) -> Result<String, Stop> {
        let text = files::text(file, self.bytes_left)?;
        self.bytes_left = self.bytes_left.saturating_sub(text.len() as u64);
        Ok(text)
    }

    fn response(&mut self, text: &str, depth: usize) {
        for word in split(text) {
            self.word(word.into(), depth);
        }
    }

    fn word(&mut self, word: OsString, depth: usize) {
        // What is no text can be no option.
        let Some(text) = word.to_str() else {
            self.all.push(word);
            return;
        };
        if depth > 0
            && let Some(file) = text.strip_prefix('@')
        {
            return self.nested(Path::new(file), depth);
        }
        if std::mem::take(&mut self.is_wrapped) {
            self.all.push(word);
        } else if text == "-Xlinker" || text == "--for-linker" {
            self.is_wrapped = true;
        } else if let Some(wrapped) = text.strip_prefix("--for-linker=") {
            self.all.push(wrapped.into());
        } else if let Some(group) = text.strip_prefix("-Wl,") {
            for word in group.split(',') {
                match word.strip_prefix('@') {
                    Some(file) if Path::new(file).is_file() => self.nested(Path::new(file), depth),
                    _ => self.all.push(word.into()),
                }
            }
        } else {
            self.all.push(word);
        }
    }

    /// A response file in a response file.
    fn nested(&mut self, file: &Path, depth: usize) {
        // `@rpath/…` and the like are the argument of an option, and no file.
        if !file.is_file() && self.all.last().is_some_and(|last| last.as_encoded_bytes().starts_with(b"-")) {
            let mut word = OsString::from("@");
            word.push(file);
            return self.all.push(word);
        }
        let refusal = if depth >= DEPTH {
            Some(format!("limit exceeded: more than {DEPTH} levels of response files"))
        } else if self.files_left == 0 {
            Some(format!("limit exceeded: more than {FILES} response files"))
        } else {
            None
        };
        if let Some(refusal) = refusal {
            // One of them tells it.
            if self.errors.is_empty() {
                self.errors.push(Error::new(Kind::Unsupported(format!("@{}: {refusal}", plain::path(file)))));
            }
            return;
        }
        self.files_left -= 1;
        match self.read(file) {
            Ok(text) => self.response(&text, depth + 1),
            Err(Stop::Usage(message)) => {
                self.errors.push(Error::new(Kind::Unsupported(format!("response file {message}"))));
            }
            Err(Stop::Io(error)) => self.errors.push(Error::new(Kind::Io(error))),
        }
    }
}

/// The words of a response file: parted by white space, with quotes and backslashes (GCC,
/// "Overall Options", `@file`).
pub fn split(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let (mut quote, mut in_word) = (None, false);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, quote) {
            ('\\', _) => {
                word.extend(chars.next());
                in_word = true;
            }
            (c, Some(open)) if c == open => quote = None,
            ('"' | '\'', None) => {
                quote = Some(c);
                in_word = true;
            }
            (c, None) if c.is_whitespace() => {
                if in_word {
                    words.push(std::mem::take(&mut word));
                }
                in_word = false;
            }
            (c, _) => {
                word.push(c);
                in_word = true;
            }
        }
    }
    if in_word {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn response_files_are_parted_as_linkers_do() {
        let text = "-o app 'a b.o' \"c\\\"d.a\"\n/x/y\\ z.rlib  ''";
        assert_eq!(split(text), ["-o", "app", "a b.o", "c\"d.a", "/x/y z.rlib", ""]);
    }
}
