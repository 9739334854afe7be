//! cargo for the fixture `import` and the CPython of `PYO3_CONFIG_FILE`; the folder of what it built out.
//!
//! Knows nothing of what the executables are for.

use std::collections::hash_map::DefaultHasher;
use std::env;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::alone::alone;
use crate::{fixture, target_dir};

/// Set by `cargo xtask test`, to what no other run has. To the end of a run the sources stay as they are: what was
/// built for one test program is not held against them again for the next.
const RUN: &str = "LINKTAB_RUN";

/// Builds every package of the fixture, or those that the options name, in a build folder; returns the folder
/// of the results. What is compiled in comes from variables: in one folder, builds with others would undo each
/// other.
///
/// All libpythons share one build folder, so that what does not depend on them is compiled once; the
/// results are copied out of it. One build at a time in each.
pub(crate) fn build(folder: &str, options: &[&str], variables: &[(&str, &Path)]) -> PathBuf {
    let _alone = alone(&format!("import-{folder}"));
    let results = target_dir("import").join(hash(&(config_file(), variables)));
    let (run, built) = (env::var(RUN).ok(), results.join(format!("{}.run", hash(&(folder, options)))));
    if run.is_some() && fs::read_to_string(&built).ok() == run {
        return results;
    }
    let build_dir = target_dir("import").join(folder);
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--quiet", "--locked"]).args(options).current_dir(fixture("import"));
    cargo.env("CARGO_TARGET_DIR", &build_dir).envs(variables.iter().copied());
    let status = cargo.status().expect("cargo can be started");
    assert!(status.success(), "{cargo:?} ended with {status}");
    fs::create_dir_all(&results).expect("a folder can be made");
    let only = options.iter().skip_while(|option| **option != "--bin").nth(1);
    for entry in fs::read_dir(build_dir.join("debug")).expect("cargo built into it") {
        let path = entry.expect("a folder can be read").path();
        let is_result = path.extension().is_none_or(|extension| extension == "a" || extension == "so");
        let is_wanted = only.is_none_or(|name| path.ends_with(name));
        if is_result && is_wanted && path.is_file() {
            copy_if_newer(&path, &results.join(path.file_name().expect("a file has a name")));
        }
    }
    if let Some(run) = run {
        fs::write(built, run).expect("a file can be written");
    }
    results
}

fn hash(of: &impl Hash) -> String {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

fn copy_if_newer(from: &Path, to: &Path) {
    let time = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    if time(to) < time(from) {
        // A program that is running cannot be written to.
        let _ = fs::remove_file(to);
        fs::copy(from, to).unwrap_or_else(|error| panic!("{} cannot be copied: {error}", from.display()));
    }
}

/// Which CPython, for the build scripts of pyo3-ffi.
pub(crate) fn config_file() -> PathBuf {
    let file = env::var_os("PYO3_CONFIG_FILE")
        .expect("PYO3_CONFIG_FILE says which CPython is linked in: run these tests with `cargo xtask test`");
    PathBuf::from(file)
}
