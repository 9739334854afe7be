//! Text files among the inputs of a link, and what they name out: libtool's objects and libraries, linker
//! scripts, and stubs of shared libraries.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::super::{Stop, files};
use super::line::{self, Line, Named};
use super::words;
use crate::{Limits, plain};

/// Bytes that show whether a file is text.
const START: u64 = 4096;

/// The text of a file, or `None` when it is none, or cannot be looked at here.
pub fn text(path: &Path, limits: &Limits) -> Option<Result<String, String>> {
    let is_regular = path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.len() > 0);
    if !is_regular {
        return None;
    }
    let mut start = Vec::new();
    File::open(path).ok()?.take(START).read_to_end(&mut start).ok()?;
    if !is_text(&start) {
        return None;
    }
    Some(said(files::text(path, limits.arguments), path))
}

fn is_text(start: &[u8]) -> bool {
    // A character may be cut off at the end.
    let is_utf8 = std::str::from_utf8(start).is_ok()
        || std::str::from_utf8(start).is_err_and(|error| error.error_len().is_none());
    // The magic of archives is text, and so may be all of a small one.
    is_utf8 && !start.contains(&0) && !start.starts_with(b"!<arch>\n") && !start.starts_with(b"!<thin>\n")
}

/// What a text names, or why that is not known.
pub fn named(path: &Path, text: &str) -> Result<Line, String> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let is_libtool = text.lines().take(2).any(|line| line.starts_with('#') && line.contains("libtool"));
    if is_libtool && value(text, "pic_object").is_some() {
        object(path, text, folder)
    } else if is_libtool && value(text, "old_library").is_some() {
        library(path, text, folder)
    } else if text.starts_with("--- !tapi-tbd") || path.extension().is_some_and(|it| it == "def") {
        // Names of what is elsewhere.
        Ok(Line::default())
    } else if let Some(adopted) = adopted(text) {
        Ok(line::of_file(adopted, path))
    } else if let Some(words) = script(text) {
        Ok(line::of_file(words, path))
    } else {
        Err(format!(
            "{}: expected an object, an archive, a file of libtool's or a linker script, found another text, so that it \
             was not looked at",
            plain::path(path)
        ))
    }
}

/// The files of a list, one in each line.
pub fn list(path: &Path, folder: &Path, limits: &Limits) -> Result<Vec<PathBuf>, String> {
    let text = said(files::text(path, limits.arguments), path)?;
    Ok(text.lines().filter(|line| !line.is_empty()).map(|file| folder.join(file)).collect())
}

fn said(text: Result<String, Stop>, path: &Path) -> Result<String, String> {
    text.map_err(|stop| match stop {
        Stop::Usage(message) => message,
        Stop::Io(error) => format!("{}: {error}", plain::path(path)),
    })
}

/// A variable of a file of libtool's, which a shell reads: `name='value'`.
fn value<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let of_line = |line: &'t str| line.strip_prefix(name)?.strip_prefix('=');
    text.lines().find_map(of_line).map(|value| value.trim().trim_matches('\''))
}

/// Either of the two objects that libtool compiles: they come from one source.
fn object(path: &Path, text: &str, folder: &Path) -> Result<Line, String> {
    let objects = ["non_pic_object", "pic_object"].into_iter().filter_map(|name| value(text, name));
    let found = objects.filter(|object| !["none", ""].contains(object)).map(|object| folder.join(object));
    let found: Vec<_> = found.collect();
    let chosen = found.iter().find(|object| object.is_file()).or(found.first());
    let chosen = chosen.ok_or_else(|| format!("{}: names no object", plain::path(path)))?;
    Ok(Line { named: vec![Named::File(chosen.clone())], folders: Vec::new() })
}

/// The archive of a library, and what it depends on. libtool keeps it in a folder of its own until it is
/// installed.
fn library(path: &Path, text: &str, folder: &Path) -> Result<Line, String> {
    let shared = value(text, "library_names").and_then(|names| names.split(' ').next()).unwrap_or_default();
    let file = Some(value(text, "old_library").unwrap_or_default()).filter(|file| !file.is_empty());
    let file = file.or(Some(shared)).filter(|file| !file.is_empty());
    let file = file.ok_or_else(|| format!("{}: names no library", plain::path(path)))?;
    let installed = value(text, "libdir").filter(|folder| !folder.is_empty());
    let folders = [folder.join(".libs"), folder.to_owned()].into_iter().chain(installed.map(Into::into));
    let places: Vec<_> = folders.map(|folder| folder.join(file)).collect();
    let chosen = places.iter().find(|place| place.is_file()).unwrap_or(&places[0]).clone();
    let depends = value(text, "dependency_libs").unwrap_or_default();
    let mut line = line::of_file(words::split(depends), path);
    line.named.insert(0, Named::File(chosen));
    Ok(line)
}

/// Words with which linker scripts begin statements.
const STATEMENTS: [&str; 18] = [
    "INPUT",
    "GROUP",
    "SEARCH_DIR",
    "OUTPUT_FORMAT",
    "OUTPUT_ARCH",
    "OUTPUT",
    "ENTRY",
    "SECTIONS",
    "VERSION",
    "MEMORY",
    "PHDRS",
    "EXTERN",
    "PROVIDE",
    "ASSERT",
    "INCLUDE",
    "INSERT",
    "TARGET",
    "STARTUP",
];

/// The inputs of a linker script as words of a command line (GNU ld, "File Commands"), or `None` when the
/// text is none.
fn script(text: &str) -> Option<Vec<String>> {
    let text = without_comments(text);
    let mut tokens = tokens(&text).into_iter().peekable();
    let first = tokens.next()?;
    let mut is_other = || tokens.peek().is_some_and(|second| ["=", "{"].contains(&&**second));
    if !STATEMENTS.contains(&&*first) && first != "{" && !is_other() {
        return None;
    }
    let mut tokens = [first].into_iter().chain(tokens).peekable();
    let mut words = Vec::new();
    while let Some(token) = tokens.next() {
        match &*token {
            "INPUT" | "GROUP" | "STARTUP" | "SEARCH_DIR" if tokens.peek().is_some_and(|it| it == "(") => {
                let mut depth = 0;
                for inner in tokens.by_ref() {
                    match &*inner {
                        "(" => depth += 1,
                        ")" => depth -= 1,
                        "AS_NEEDED" | "," => {}
                        _ if token == "SEARCH_DIR" => words.push(format!("-L{inner}")),
                        _ => words.push(inner),
                    }
                    if depth == 0 {
                        break;
                    }
                }
            }
            "INCLUDE" => words.extend(tokens.next()),
            _ => {}
        }
    }
    Some(words)
}

/// The objects that `linktab adopt` lists, below the folder of its list: so the folder may have been moved.
fn adopted(text: &str) -> Option<Vec<String>> {
    let list: Value = serde_json::from_str(text).ok()?;
    (list.get("schema")? == "linktab-adopt").then_some(())?;
    let packages = list.get("packages")?.as_array()?.iter();
    let modules = packages.filter_map(|package| package.get("modules")?.as_array()).flatten();
    let objects = modules.filter_map(|module| module.get("object")?.as_str().map(str::to_owned));
    Some(objects.collect())
}

fn without_comments(text: &str) -> String {
    let mut rest = text;
    let mut kept = String::new();
    while let Some((before, comment)) = rest.split_once("/*") {
        kept.push_str(before);
        kept.push(' ');
        rest = comment.split_once("*/").map_or("", |(_, behind)| behind);
    }
    kept + rest
}

/// Names, quoted or not, and what stands between them.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = vec![String::new()];
    let mut is_quoted = false;
    for c in text.chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            '(' | ')' | '{' | '}' | ',' | ';' if !is_quoted => tokens.extend([c.to_string(), String::new()]),
            c if c.is_whitespace() && !is_quoted => tokens.push(String::new()),
            c => tokens.last_mut().into_iter().for_each(|token| token.push(c)),
        }
    }
    tokens.retain(|token| !token.is_empty());
    tokens
}
