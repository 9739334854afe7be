//! A name in, and nobody else of that name until the guard is dropped: no thread, and no other test program.
//!
//! Test programs run at the same time and share build folders. cargo keeps others out while it builds, but not while its
//! results are copied, and says that it waits.

use std::fs::{self, File};

use rustix::fs::{FlockOperation, flock};

use crate::target_dir;

/// Others of the same name wait while it lives.
#[derive(Debug)]
pub struct Alone(#[expect(dead_code, reason = "closing it ends the lock")] File);

/// Waits until nobody else is.
///
/// # Panics
///
/// When the lock's file cannot be made.
#[must_use]
pub fn alone(name: &str) -> Alone {
    let folder = target_dir("locks");
    fs::create_dir_all(&folder).expect("a folder can be made");
    let file = File::create(folder.join(name)).expect("a file can be made");
    flock(&file, FlockOperation::LockExclusive).expect("a file can be locked");
    Alone(file)
}
