//! The name of a library or of a file in, the file that a linker takes for it out.

use std::fs;
use std::path::{Path, PathBuf};

/// Folders of systems that linkers look in by themselves. Those of machines and compilers are below.
const FOLDERS: [&str; 5] = ["/usr/local/lib", "/lib64", "/usr/lib64", "/lib", "/usr/lib"];

/// Libraries of systems and of compilers, which register nothing; where they are is the linker's
/// business, on another machine above all.
const SYSTEM: &[&str] = &[
    "System",
    "advapi32",
    "atomic",
    "bcrypt",
    "c",
    "c++",
    "c++abi",
    "cfgmgr32",
    "compiler_rt",
    "crypt",
    "dbghelp",
    "dl",
    "gcc",
    "gcc_eh",
    "gcc_s",
    "gdi32",
    "gomp",
    "iconv",
    "kernel32",
    "m",
    "mingw32",
    "mingwex",
    "moldname",
    "msvcrt",
    "ntdll",
    "objc",
    "ole32",
    "oleaut32",
    "psapi",
    "pthread",
    "resolv",
    "rt",
    "secur32",
    "shell32",
    "shlwapi",
    "ssp",
    "ssp_nonshared",
    "stdc++",
    "supc++",
    "synchronization",
    "ucrt",
    "ucrtbase",
    "unwind",
    "user32",
    "userenv",
    "util",
    "uuid",
    "winmm",
    "ws2_32",
];

pub fn is_of_the_system(name: &str) -> bool {
    SYSTEM.contains(&name)
}

/// The file of `-l`: in each folder the shared library comes first (GNU ld, "Options", `-l`).
pub fn library(name: &str, is_static: bool, folders: &[PathBuf]) -> Option<PathBuf> {
    if is_of_the_system(name) && !folders.iter().any(|folder| folder.join(format!("lib{name}.a")).exists()) {
        return None;
    }
    let shared = [format!("lib{name}.so"), format!("lib{name}.dylib"), format!("lib{name}.tbd")];
    let import = [format!("lib{name}.dll.a"), format!("{name}.dll.a")];
    let archives = [format!("lib{name}.a"), format!("{name}.lib"), format!("lib{name}.lib")];
    let files: Vec<String> = match name.strip_prefix(':') {
        Some(file) => vec![file.to_owned()],
        None if is_static => archives.into(),
        None => shared.into_iter().chain(import).chain(archives).collect(),
    };
    let find = |folder: &Path| files.iter().map(|file| folder.join(file)).find(|path| path.is_file());
    folders.iter().find_map(|folder| find(folder)).or_else(|| own_folders().iter().find_map(|it| find(it)))
}

/// A file that another file names (GNU ld, "File Commands", `INPUT`).
pub fn beside(path: &Path, file: &Path, folders: &[PathBuf]) -> Option<PathBuf> {
    let folder = file.parent().unwrap_or(Path::new(""));
    let from = [folder, Path::new("")].into_iter().chain(folders.iter().map(PathBuf::as_path));
    from.map(|from| from.join(path)).find(|path| path.is_file())
}

/// The system's folders, and those below them that are named for a machine.
fn own_folders() -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = FOLDERS.map(PathBuf::from).into();
    for folder in ["/usr/lib", "/lib"] {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let is_machine = |name: &str| name.contains("-linux-") || name.ends_with("-gnu");
        all.extend(
            entries.filter(|entry| entry.file_name().to_str().is_some_and(is_machine)).map(|it| it.path()),
        );
    }
    all
}
