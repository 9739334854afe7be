//! An object or an archive of a build system that is nobody's but its user's in, and the name of the module that is
//! in it; out the same as of a package: an object for the executable, or why there is none.

use std::fs;
use std::path::Path;

use crate::driver;
use crate::elf;
use crate::hazards;
use crate::judge;
use crate::modules;
use crate::outcome::{Module, Package, State};
use crate::process;
use crate::python::Python;
use crate::record::Facts;

/// What becomes of it. There is no distribution: reports name the file.
pub fn package(file: &Path, dotted: &str, output: &Path, python: &Python) -> Package {
    let shown = file.display().to_string();
    let mut package = Package {
        requirement: shown.clone(),
        name: file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        ..Package::default()
    };
    let state = object(file, dotted, &package.name, output, python);
    let state = state.unwrap_or_else(|why| State::Refused { why });
    package.modules.push(Module { name: dotted.to_owned(), file: shown, state });
    package
}

fn object(file: &Path, dotted: &str, shown: &str, output: &Path, python: &Python) -> Result<State, String> {
    if !modules::is_dotted(dotted) {
        return Err(format!("expected a dotted name such as `acme.foo._native`, found `{dotted}`"));
    }
    let driver = ["cc", "gcc", "clang"].into_iter().find_map(process::on_path);
    let driver = driver.ok_or("expected a C compiler on PATH, found none of cc, gcc and clang")?;
    let twin = output.join("work").join(format!("{dotted}.o"));
    let linked = |hook: &String| {
        driver::of_object(&driver, file, hook, &twin)?;
        let bytes = fs::read(&twin).map_err(|error| error.to_string())?;
        let is_defined = elf::defines(&bytes, hook).map_err(|error| error.to_string())?;
        Ok(is_defined.then_some((hook.clone(), bytes)))
    };
    let hooks = modules::hooks(dotted, &python.facts);
    let found: Vec<Option<_>> = hooks.iter().map(linked).collect::<Result<_, String>>()?;
    let (hook, bytes) = found.into_iter().flatten().next().ok_or_else(|| {
        format!(
            "expected `{}` in it, found no such function: the name's last part is the function's",
            hooks.join("` or `")
        )
    })?;
    let undefined = elf::undefined(&bytes).map_err(|error| error.to_string())?;
    if let Some(why) = hazards::asks_where(&undefined, None) {
        return Err(why);
    }
    let facts = Facts {
        name: dotted.to_owned(),
        phase: modules::phase(&hook, &undefined),
        is_package: false,
        has_file: false,
        origin: [shown.to_owned(), String::new(), String::new()],
        python: python.facts.hex,
        build_flags: modules::build_flags(&python.facts, false),
    };
    let object = judge::write(output, &bytes, &hook, &facts, &[])?;
    Ok(State::Static {
        object,
        phase: facts.phase_word(),
        libraries: Vec::new(),
        folders: Vec::new(),
        zero: &[],
        has_file: false,
    })
}
