//! A program in, the libraries that the loader will look for out.

use std::path::Path;
use std::process::Command;

use crate::error::{Context, Error, Result};

/// The libpython that `program` asks the loader for, if it asks for one.
///
/// # Errors
/// `ldd` (`otool -L` on macOS) does not run or cannot read the program.
pub fn libpython(program: &Path) -> Result<Option<String>> {
    let (tool, args): (&str, &[&str]) =
        if cfg!(target_os = "macos") { ("otool", &["-L"]) } else { ("ldd", &[]) };
    let output = Command::new(tool)
        .args(args)
        .arg(program)
        .output()
        .with_context(|| format!("{tool} does not run; it comes with the C library's tools"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        return Err(Error::new(format!(
            "{tool} cannot read {}: {}{}",
            program.display(),
            text.trim(),
            stderr.trim()
        )));
    }
    Ok(first_libpython(&text))
}

/// Header lines of `otool` name the program itself, which may well be called python: they end in a
/// colon and start at the margin, libraries are indented.
fn first_libpython(listing: &str) -> Option<String> {
    let libraries = listing.lines().filter(|line| line.starts_with(char::is_whitespace));
    libraries
        .map(str::trim)
        .find(|line| {
            line.starts_with("libpython") || line.contains("/libpython") || line.contains("Python.framework")
        })
        // Behind it are addresses and versions.
        .map(|line| line.split(" (").next().unwrap_or(line).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_libpython_is_seen_and_a_program_named_so_is_not() {
        let elf = "\tlinux-vdso.so.1 (0x1)\n\tlibpython3.11.so.1.0 => not found\n\tlibc.so.6 => /lib/libc.so.6 (0x2)\n";
        assert_eq!(first_libpython(elf).as_deref(), Some("libpython3.11.so.1.0 => not found"));
        let own = "/tmp/libpython-demo:\n\t/usr/lib/libSystem.B.dylib (compatibility version 1.0.0)\n";
        assert_eq!(first_libpython(own), None);
        let static_ = "\tstatically linked\n";
        assert_eq!(first_libpython(static_), None);
    }
}
