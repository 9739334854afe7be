//! A [`Lock`] in, its file out.

use std::borrow::Cow;
use std::io::{self, Write};

use super::{Lock, LockedModule, VERSION};
use crate::plain::{is_hidden, is_second_hash, plain};

impl Lock {
    /// Writes the lock file.
    ///
    /// # Errors
    ///
    /// Those of the stream.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "# Made by `linktab lock`: commit it.\nversion = {VERSION}\n")?;
        write_set(&self.architectures, out)?;
        self.modules().try_for_each(|module| write_module(&module, out))
    }
}

fn write_module(module: &LockedModule<'_>, out: &mut dyn Write) -> io::Result<()> {
    let name = basic_string(module.name);
    write!(out, "\n[[module]]\nname = {name}\nphase = \"{}\"\n", module.phase)?;
    if module.package {
        out.write_all(b"package = true\n")?;
    }
    if !module.registered_by.is_empty() {
        writeln!(out, "registered-by = {}", basic_string(module.registered_by))?;
    }
    write_set(module.architectures, out)
}

fn write_set(architectures: &[String], out: &mut dyn Write) -> io::Result<()> {
    if architectures.is_empty() {
        return Ok(());
    }
    let list: Vec<String> = architectures.iter().map(|name| basic_string(name)).collect();
    writeln!(out, "architectures = [{}]", list.join(", "))
}

/// A string on one line (TOML, "Basic strings"), with everything escaped that a reviewer would not see.
fn basic_string(text: &str) -> String {
    if matches!(plain(text), Cow::Borrowed(_)) && !text.contains(['"', '\\']) {
        return format!("\"{text}\"");
    }
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    let mut before = None;
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if is_hidden(c) || is_second_hash(before, c) => {
                quoted.push_str(&format!("\\U{:08X}", u32::from(c)));
            }
            c => quoted.push(c),
        }
        before = Some(c);
    }
    quoted.push('"');
    quoted
}
