//! A program in, a folder that is nothing but it and its libraries out, and how it is started there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::{run, try_run};

/// Makes the folder `root` anew. There is no `/proc` in it either. None, and said, where this user may not.
///
/// # Panics
///
/// When a file cannot be copied.
#[must_use]
pub fn bare_root(app: &Path, root: &Path) -> Option<Command> {
    let _ = fs::remove_dir_all(root);
    fs::create_dir_all(root).expect("a folder can be made");
    let mut chroot = Command::new("chroot");
    if !try_run(chroot.arg(root).arg("/none")).stderr.ends_with(b"No such file or directory\n") {
        println!("skipped: chroot needs root, who is not here");
        return None;
    }
    // `name => /path (0x…)`, and the loader, `/path (0x…)`. Copied, never mounted.
    let needed = run(Command::new("ldd").arg(app));
    let libraries: BTreeSet<&str> =
        needed.split_whitespace().filter(|word| word.starts_with('/') && word.contains(".so")).collect();
    for library in libraries {
        let copy = root.join(library.trim_start_matches('/'));
        fs::create_dir_all(copy.parent().expect("a library is in a folder")).expect("a folder can be made");
        fs::copy(library, copy).expect("a library can be copied");
    }
    // By another process: those that tests start meanwhile would hold ours open for writing.
    run(Command::new("cp").arg(app).arg(root.join("app")));
    let mut command = Command::new("chroot");
    command.arg(root).arg("/app");
    Some(command)
}
