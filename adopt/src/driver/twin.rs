//! A link that went well in, its twin and what is known of it out, in files named after the build-id of
//! what was linked.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::{Deserialize, Serialize};

use super::libraries;
use super::line::{Line, Word};
use crate::{elf, process};

/// What is known of a link whose output holds a module.
#[derive(Debug, Serialize, Deserialize)]
pub struct Link {
    /// Of what was linked.
    pub build_id: String,
    /// Where libraries were looked for.
    pub folders: Vec<PathBuf>,
    /// Why there is no relocatable object, where there is none.
    pub failure: Option<String>,
    /// The relocatable object. It is where the note about it was found.
    #[serde(skip)]
    pub twin: PathBuf,
}

/// The links that were observed.
pub fn links(folder: &Path) -> Vec<Link> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let notes =
        entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|e| e == "json"));
    notes
        .filter_map(|path| {
            let link: Link = serde_json::from_slice(&fs::read(&path).ok()?).ok()?;
            Some(Link { twin: path.with_extension("o"), ..link })
        })
        .collect()
}

/// Keeps the twin of a link, if what was linked exports an init function.
pub fn keep(driver: &Path, line: &Line, folder: &Path) {
    let output = if line.output.as_os_str().is_empty() { Path::new("a.out") } else { &line.output };
    let Ok(bytes) = fs::read(output) else { return };
    let Ok(linked) = elf::shared_object(&bytes) else { return };
    if linked.hooks.is_empty() || linked.build_id.is_empty() {
        return;
    }
    let twin = folder.join(format!("{}.o", linked.build_id));
    let made = make(driver, line, &linked.hooks, &twin);
    let absolute = |folder: &PathBuf| std::path::absolute(folder).unwrap_or_else(|_| folder.clone());
    let link = Link {
        folders: line.folders.iter().map(absolute).collect(),
        failure: made.err(),
        twin,
        build_id: linked.build_id,
    };
    // What cannot be written is missed later, and named with the module.
    if let Ok(text) = serde_json::to_vec(&link) {
        let _ = fs::write(folder.join(format!("{}.json", link.build_id)), text);
    }
}

/// The twin of a link that nobody makes: of an object or an archive with one init function.
///
/// # Errors
/// In the linker's last words.
pub fn of_object(driver: &Path, file: &Path, hook: &str, twin: &Path) -> Result<(), String> {
    let file = std::path::absolute(file).map_err(|error| error.to_string())?;
    make(driver, &Line::parse(&[file.into_os_string()]), &[hook.to_owned()], twin)
}

/// Groups are taken apart by GNU ld alone of the linkers that are usual: what is in one would be merged
/// with another extension's. Debugging information is left out, common symbols get room.
fn make(driver: &Path, line: &Line, hooks: &[String], twin: &Path) -> Result<(), String> {
    if line.optimises && is_clang(driver) {
        let fix = "build it with `-fno-lto` in CFLAGS, CXXFLAGS and LDFLAGS";
        return Err(format!(
            "its objects are for clang's optimiser at link time, and not linked in parts: {fix}"
        ));
    }
    let mut arguments = arguments(driver, line);
    arguments
        .extend(["-r", "-nostdlib", "-fuse-ld=bfd", "-Wl,-d,-S,--force-group-allocation"].map(Into::into));
    if line.collects {
        arguments.push("-Wl,--gc-sections".into());
    }
    // Nothing else asks for what is in an archive.
    arguments.extend(hooks.iter().map(|hook| format!("-Wl,-u,{hook}").into()));
    if line.optimises {
        arguments.push("-flinker-output=nolto-rel".into());
    }
    let link = |more: &[&str]| {
        let mut command = Command::new(driver);
        command.args(&arguments).args(more).arg("-o").arg(twin);
        process::output(&mut command).map(drop)
    };
    match link(&[]) {
        // GCC 12 may crash where it shares out the work, in `lto_balanced_map`. All at once takes longer.
        Err(_) if line.optimises => link(&["-flto-partition=one"]),
        linked => linked,
    }
}

/// Also where `cc` is a link to it.
fn is_clang(driver: &Path) -> bool {
    let real = driver.canonicalize().unwrap_or_else(|_| driver.to_owned());
    real.file_name().is_some_and(|name| name.to_string_lossy().contains("clang"))
}

fn arguments(driver: &Path, line: &Line) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = Vec::new();
    for word in &line.words {
        match word {
            Word::As(text) => arguments.push(text.clone()),
            Word::Linker(text) => arguments.extend(["-Xlinker".into(), text.into()]),
            Word::Library(name, only_archives) => {
                let found = libraries::archive(driver, name, *only_archives, &line.folders);
                arguments.extend(found.map(PathBuf::into_os_string));
            }
        }
    }
    if line.static_cxx {
        arguments.extend(libraries::of_driver(driver, "libstdc++.a").map(PathBuf::into_os_string));
    }
    arguments
}
