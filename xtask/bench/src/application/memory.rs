//! Many processes of an application at once in, the memory that each of them has out.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use anyhow::{Context as _, Result, ensure};

use crate::one_file::measure::Start;

/// KiB of a process, on average.
#[derive(Clone, Copy, Debug, Default)]
pub struct Memory {
    /// Its pages, those that others have too counted in full.
    pub rss: f64,
    /// The same, shared ones divided among those who have them.
    pub pss: f64,
    /// What it alone has written to.
    pub private_dirty: f64,
    /// Of that, what was a file's: data that the dynamic linker relocates, and variables of programs and libraries.
    pub of_files: f64,
}

/// Starts so many with `--wait`, and reads their memory when all of them wait.
///
/// # Errors
/// One fails, or this is not Linux.
pub fn of(start: &Start<'_>, processes: usize) -> Result<Memory> {
    let mut children = (0..processes).map(|_| waiting(start)).collect::<Result<Vec<_>>>();
    let memory = children.as_ref().map(|children| mean(children));
    let memory = memory.unwrap_or(Ok(Memory::default()));
    for child in children.iter_mut().flatten() {
        drop(child.stdin.take());
        let status = child.wait()?;
        ensure!(status.success(), "a process that waited ended with {status}");
    }
    children?;
    memory
}

fn waiting(start: &Start<'_>) -> Result<Child> {
    let mut command = start.command(&[])?;
    let mut child = command.arg("--wait").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let output = child.stdout.take().context("it was asked for")?;
    let mut lines = BufReader::new(output).lines();
    let waits = lines.any(|line| line.is_ok_and(|line| line == "waiting"));
    if !waits {
        drop(child.stdin.take());
        child.wait()?;
    }
    ensure!(waits, "{command:?} ended, expected `waiting`");
    Ok(child)
}

fn mean(children: &[Child]) -> Result<Memory> {
    let mut sum = Memory::default();
    for child in children {
        let path = format!("/proc/{}/smaps", child.id());
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
        let one = parsed(&text);
        sum.rss += one.rss;
        sum.pss += one.pss;
        sum.private_dirty += one.private_dirty;
        sum.of_files += one.of_files;
    }
    let count = children.len() as f64;
    Ok(Memory {
        rss: sum.rss / count,
        pss: sum.pss / count,
        private_dirty: sum.private_dirty / count,
        of_files: sum.of_files / count,
    })
}

/// Sums over mappings (proc(5), `/proc/pid/smaps`).
fn parsed(smaps: &str) -> Memory {
    let mut memory = Memory::default();
    let mut is_file = false;
    for line in smaps.lines() {
        let mut words = line.split_whitespace();
        let Some(first) = words.next() else { continue };
        match first {
            "Rss:" => memory.rss += kib(words.next()),
            "Pss:" => memory.pss += kib(words.next()),
            "Private_Dirty:" => {
                let size = kib(words.next());
                memory.private_dirty += size;
                memory.of_files += if is_file { size } else { 0.0 };
            }
            // Addresses, rights, offset, device, inode, name.
            range if !range.ends_with(':') => {
                is_file = words.nth(4).is_some_and(|name| name.starts_with('/'))
            }
            _ => {}
        }
    }
    memory
}

fn kib(word: Option<&str>) -> f64 {
    word.and_then(|word| word.parse().ok()).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_to_in_files_is_told_from_the_rest() {
        let mapping = |head: &str, dirty: u32| {
            format!(
                "{head}\nSize: 40 kB\nRss:  30 kB\nPss: 20 kB\nPrivate_Clean: 9 kB\nPrivate_Dirty: {dirty} kB\nVmFlags: rd wr\n"
            )
        };
        let text = mapping("1000-2000 rw-p 00000000 fe:00 7        /usr/lib/libc.so.6", 3)
            + &mapping("3000-4000 rw-p 00000000 00:00 0        [heap]", 4)
            + &mapping("5000-6000 rw-p 00000000 00:00 0", 5);
        insta::assert_snapshot!(
            format!("{:?}", parsed(&text)),
            @"Memory { rss: 90.0, pss: 60.0, private_dirty: 12.0, of_files: 3.0 }"
        );
    }
}
