//! Generators: what each of them wants of a compiler, and what it makes of its sources.
//!
//! They are Python packages: [`tool`] runs the Python that has them.

use std::fs;
use std::path::{Path, PathBuf};

use cc::Build;

use crate::cargo::{fail, out};
use crate::phase::Phase;
use crate::python::tool;

/// What an extension is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generator {
    C,
    Cpp,
    Cython,
    Nanobind,
    Pybind11,
}

impl Generator {
    /// What sources of this kind want of a compiler.
    pub fn configure(self, build: &mut Build) {
        match self {
            Generator::C => {}
            // What a generator writes is not for its user to mend.
            Generator::Cython => drop(build.warnings(false)),
            Generator::Cpp => drop(build.cpp(true).std("c++17")),
            Generator::Pybind11 => {
                let headers = tool(&["-c", "import pybind11; print(pybind11.get_include())"]);
                // Its types are hidden, and warn of a class that is not (pybind11's FAQ).
                build.cpp(true).std("c++17").include(headers).flag_if_supported("-fvisibility=hidden");
            }
            Generator::Nanobind => {
                let nanobind = nanobind();
                build
                    .cpp(true)
                    .std("c++17")
                    .include(nanobind.join("include"))
                    .include(nanobind.join("ext/robin_map/include"))
                    .define("NB_COMPACT_ASSERTIONS", None)
                    .flag_if_supported("-fvisibility=hidden")
                    // nanobind's documentation, "Building extensions using Bazel and others".
                    .flag_if_supported("-fno-strict-aliasing")
                    .warnings(false);
            }
        }
    }

    /// What is compiled in the place of the sources.
    pub fn translate(self, name: &str, files: &[PathBuf]) -> Vec<PathBuf> {
        match self {
            Generator::Cython => files.iter().map(|file| cython(name, file)).collect(),
            Generator::Nanobind => {
                let runtime = nanobind().join("src/nb_combined.cpp");
                files.iter().cloned().chain([runtime]).collect()
            }
            _ => files.to_vec(),
        }
    }

    /// The init function, where the generator leaves no place for a record. It gets a name of the whole dotted name:
    /// two packages may have a `_core` each.
    pub fn init(self, name: &str, build: &mut Build) -> Option<(String, Phase)> {
        let leaf = name.rsplit('.').next().unwrap_or(name);
        // Other names have one in Punycode (PEP 489): a person tells it.
        if self != Generator::Cython || !name.is_ascii() {
            return None;
        }
        let whole = format!("PyInit_{}", name.replace('.', "_"));
        build.define(&format!("PyInit_{leaf}"), whole.as_str());
        Some((whole, Phase::Multi))
    }
}

fn nanobind() -> PathBuf {
    let headers = tool(&["-c", "import nanobind; print(nanobind.include_dir())"]);
    match Path::new(&headers).parent() {
        Some(folder) => folder.to_owned(),
        None => fail(&format!("expected nanobind's headers in a folder of its own, found {headers}")),
    }
}

/// Translates a file of Cython's; others are as they are.
fn cython(name: &str, file: &Path) -> PathBuf {
    if !file.extension().is_some_and(|end| end == "pyx" || end == "py") {
        return file.to_owned();
    }
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => fail(&format!("cannot read {}: {error}", file.display())),
    };
    let is_cpp =
        text.lines().take_while(|line| line.starts_with('#') || line.trim().is_empty()).any(|line| {
            line.trim_start_matches('#')
                .trim()
                .strip_prefix("distutils:")
                .is_some_and(|rest| rest.contains("c++"))
        });
    let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let translated = out(&format!("{stem}.{}", if is_cpp { "cpp" } else { "c" }));
    let (source, target) = (file.display().to_string(), translated.display().to_string());
    // The name decides what types have as `__module__`.
    let mut arguments = vec!["-m", "cython", "-3", "--module-name", name, &source, "-o", &target];
    arguments.extend(is_cpp.then_some("--cplus"));
    let _ = tool(&arguments);
    translated
}
