//! What a user meets: `cargo linktab check` on a program with one mistake in it finds the mistake,
//! names both sources, and says what mends it; once mended, it finds nothing. No configuration.

use std::process::Command;

use linktab_tests::verify::{Project, command, extension, must, target};
use linktab_verify::commands::Exit;
use serde_json::Value;

const MAIN: &str =
    "use geo as _;\nuse net as _;\n\nfn main() {\n    linktab::Registry::global().unwrap();\n}\n";

/// A crate with an exported init function, as PyO3's `mod _core` makes one, in a module of its own:
/// it is a member of its own in the archive, and the linker takes the first that fits.
fn exporting(name: &str, value: u8) -> String {
    format!(
        "linktab::extern_module!(\"{name}\", PyInit__core);\n\npub mod _core {{\n    #[unsafe(no_mangle)]\n    pub \
         extern \"C\" fn PyInit__core() -> *mut u8 {{\n        std::ptr::without_provenance_mut({value})\n    }}\n}}\n"
    )
}

/// Addresses are the linker's business.
fn without_addresses(text: &str) -> String {
    let (first, rest) = text.split_once("(0x").expect("a report with an address");
    format!("{first}(0x…{}", rest.trim_start_matches(|c: char| c.is_ascii_hexdigit()))
}

#[test]
fn a_crate_that_no_code_names() {
    let (geo, net) = (extension("acme.geo._core", 1), extension("acme.net._core", 2));
    let crates: [(&str, &[(&str, &str)]); 2] =
        [("geo", &[("src/lib.rs", &geo)]), ("net", &[("src/lib.rs", &net)])];
    let project = Project::new("never-named", &MAIN.replace("use net as _;\n", ""), &crates);
    insta::assert_snapshot!(project.check(&[]).found());
    project.write("src/main.rs", MAIN);
    project.check(&[]).assert_clean();
}

#[test]
fn a_crate_that_no_code_names_under_lto() {
    let (geo, net) = (extension("acme.geo._core", 1), extension("acme.net._core", 2));
    let crates: [(&str, &[(&str, &str)]); 2] =
        [("geo", &[("src/lib.rs", &geo)]), ("net", &[("src/lib.rs", &net)])];
    let project = Project::new("never-named-lto", &MAIN.replace("use net as _;\n", ""), &crates);
    let lto = ["--release", "--output-format", "concise"];
    let manifest = std::fs::read_to_string(project.path("Cargo.toml")).expect("it was just written");
    project.write("Cargo.toml", &format!("{manifest}[profile.release]\nlto = \"fat\"\n"));
    insta::assert_snapshot!(project.check(&lto).found());
    project.write("src/main.rs", MAIN);
    project.check(&lto).assert_clean();
}

#[test]
fn one_name_in_two_crates() {
    // Exported markers would already stop the link; what is found then is told by the linker.
    let geo = extension("acme._core", 1);
    let net = extension("acme._core", 2).replace("#[linktab::extension_module(\"acme._core\")]\n", "");
    let net = net
        + "linktab::__private::register! { \"acme._core\" \"__linktab_mod$other\" Multi false \"net\\n0.1.0\" _ init }\n";
    let crates: [(&str, &[(&str, &str)]); 2] =
        [("geo", &[("src/lib.rs", &geo)]), ("net", &[("src/lib.rs", &net)])];
    let project = Project::new("duplicate", MAIN, &crates);
    insta::assert_snapshot!(project.check(&[]).found());
    // With them the linker refuses, and the finding tells of whom.
    project.write("net/src/lib.rs", &extension("acme._core", 2));
    insta::assert_snapshot!("one_name_refused", project.check(&[]).found());
    let sarif: Value =
        serde_json::from_str(&project.check(&["--output-format", "sarif"]).found()).expect("a document");
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "LT001");
    // The program's own code may be one of the two; its source is not known.
    project.write("net/src/lib.rs", &extension("acme.net._core", 2));
    project.write("src/main.rs", &format!("{MAIN}\n{}", extension("acme._core", 3)));
    insta::assert_snapshot!("one_name_in_the_program", project.check(&[]).found());
    project.write("src/main.rs", MAIN);
    project.check(&[]).assert_clean();
    // Another fault of the build is none of linktab's.
    project.write("src/main.rs", "fn main() { nonsense }\n");
    let ran = project.check(&[]);
    assert_eq!((ran.exit, &*ran.out), (Exit::Usage, ""));
    assert_eq!(ran.err, "error: cargo could not build the program\n");
}

#[test]
fn two_modules_that_share_an_exported_init_function() {
    let (geo, net) = (exporting("acme.geo._core", 1), exporting("acme.net._core", 2));
    let crates: [(&str, &[(&str, &str)]); 2] =
        [("geo", &[("src/lib.rs", &geo)]), ("net", &[("src/lib.rs", &net)])];
    let project = Project::new("two-cores", MAIN, &crates);
    // Each module is a member of its own in incremental builds, and in others where cargo is asked for it.
    let manifest = std::fs::read_to_string(project.path("Cargo.toml")).expect("it was just written");
    project.write("Cargo.toml", &format!("{manifest}[profile.dev]\ncodegen-units = 256\n"));
    let ran = project.check(&[]);
    insta::assert_snapshot!(without_addresses(&ran.found()));
    project.write("net/src/lib.rs", &extension("acme.net._core", 2));
    project.check(&[]).assert_clean();
}

#[test]
fn a_module_that_shadows_the_standard_library() {
    let (geo, net) = (extension("_json", 1), extension("acme.net._core", 2));
    let crates: [(&str, &[(&str, &str)]); 2] =
        [("geo", &[("src/lib.rs", &geo)]), ("net", &[("src/lib.rs", &net)])];
    let project = Project::new("shadowing", MAIN, &crates);
    insta::assert_snapshot!(project.check(&[]).found());
    project.write("geo/src/lib.rs", &extension("acme._json", 1));
    project.check(&[]).assert_clean();
}

/// A build script that compiles `fast.c` into an archive, with the folder of linktab.h.
const BUILD: &str = r#"use std::{env, process::Command};

fn main() {
    let out = env::var("OUT_DIR").unwrap();
    let include = env::var("DEP_LINKTAB_INCLUDE").unwrap();
    let object = format!("{out}/fast.o");
    let run = |command: &mut Command| assert!(command.status().unwrap().success());
    run(Command::new("cc").args(["-c", "-fPIC", "-ffunction-sections", "src/fast.c", "-I", &include, "-o", &object]));
    run(Command::new("ar").args(["crs", &format!("{out}/libfast.a"), &object]));
    println!("cargo::rustc-link-search=native={out}");
    println!("cargo::rustc-link-lib=static=fast");
    println!("cargo::rerun-if-changed=src/fast.c");
}
"#;

/// What a record was before compilers knew `retain`.
const WITHOUT_RETAIN: &str = r#"#define retain used
#include <linktab.h>

void *PyInit_fast(void) { return (void *)3; }

LINKTAB_MODULE("acme.fast", PyInit_fast, LINKTAB_MULTI)
"#;

/// Refers to the C function, so that the archive's member is pulled.
const CALLING: &str = "unsafe extern \"C\" {\n    fn PyInit_fast() -> *mut u8;\n}\n\npub fn init() -> *mut u8 {\n    \
                       // SAFETY: the function takes nothing and touches nothing.\n    unsafe { PyInit_fast() }\n}\n";

#[test]
fn a_c_record_that_the_linker_collects() {
    let geo = extension("acme.geo._core", 1);
    let fast: &[(&str, &str)] =
        &[("src/lib.rs", CALLING), ("src/fast.c", WITHOUT_RETAIN), ("build.rs", BUILD)];
    let crates: [(&str, &[(&str, &str)]); 2] = [("geo", &[("src/lib.rs", &geo)]), ("net", fast)];
    let main = MAIN.replace("use net as _;\n", "").replace("main() {", "main() {\n    net::init();");
    let project = Project::new("collected", &main, &crates);
    insta::assert_snapshot!(project.check(&[]).found());
    // The header as it is marks the record to be retained.
    project.write("net/src/fast.c", &WITHOUT_RETAIN.replace("#define retain used\n", ""));
    project.check(&[]).assert_clean();
}

#[test]
fn an_archive_member_that_nothing_refers_to() {
    let geo = extension("acme.geo._core", 1);
    let source = WITHOUT_RETAIN.replace("#define retain used\n", "");
    let fast: &[(&str, &str)] = &[("src/lib.rs", ""), ("src/fast.c", &source), ("build.rs", BUILD)];
    let crates: [(&str, &[(&str, &str)]); 2] = [("geo", &[("src/lib.rs", &geo)]), ("net", fast)];
    let project = Project::new("not-pulled", MAIN, &crates);
    insta::assert_snapshot!(project.check(&[]).found());
    project.write("net/build.rs", &BUILD.replace("static=fast", "static:+whole-archive=fast"));
    project.check(&[]).assert_clean();
    // What rustc knows nothing of: a library of no kind, which the linker finds to be an archive, and an
    // argument for the linker.
    project.write("net/build.rs", &BUILD.replace("static=fast", "fast"));
    let concise = ["--output-format", "concise"];
    let by_kind = project.check(&concise).found();
    project.write("net/build.rs", "fn main() {}\n");
    project.write("net/src/lib.rs", &extension("acme.net._core", 2));
    project.write("src/fast.c", &source);
    let argument = "rustc-link-arg-bins={out}/libfast.a";
    project.write("build.rs", &BUILD.replace("rustc-link-lib=static=fast", argument));
    let by_argument = project.check(&concise).found();
    insta::assert_snapshot!("found_by_the_linker", format!("{by_kind}\n{by_argument}"));
    let whole = "rustc-link-arg-bins=-Wl,--whole-archive,{out}/libfast.a,--no-whole-archive";
    project.write("build.rs", &BUILD.replace("rustc-link-lib=static=fast", whole));
    project.check(&[]).assert_clean();
}

/// `__FILE__` counts from the package's folder, where the build script ran its compiler. Other packages, the
/// program's own among them, have a file of that name.
#[test]
fn the_source_of_a_c_record_is_its_own_package_s() {
    let source = WITHOUT_RETAIN.replace("#define retain used\n", "");
    let named = BUILD.replace("\"-I\",", "\"-DLINKTAB_ORIGIN_PACKAGE=\\\"net\\\"\", \"-I\",");
    let decoy = "// not this one\n".repeat(20);
    let lib = extension("acme.geo._core", 1);
    let geo: &[(&str, &str)] = &[("src/lib.rs", &lib), ("src/fast.c", &decoy)];
    let net: &[(&str, &str)] = &[("src/lib.rs", ""), ("src/fast.c", &source), ("build.rs", &named)];
    let project = Project::new("right-source", MAIN, &[("geo", geo), ("net", net)]);
    project.write("src/fast.c", &decoy);
    // No other test overwrites a program of that name.
    let manifest = std::fs::read_to_string(project.path("Cargo.toml")).expect("it was just written");
    let bin = "[[bin]]\nname = \"right-source\"\npath = \"src/main.rs\"\n";
    project.write("Cargo.toml", &format!("{manifest}{bin}"));
    let formats = ["text", "github", "json", "sarif"].map(|format| {
        let told = project.check(&["--output-format", format]).found();
        // Of SARIF, the results; the rules behind them are known.
        let results = told
            .split_once("\"results\": ")
            .and_then(|(_, rest)| rest.split_once("\"tool\": {\n        \"driver"));
        results.map_or(told.clone(), |(results, _)| results.to_owned())
    });
    insta::assert_snapshot!(formats.join("\n"));
    // Without cargo, too: the manifests tell where the package is.
    project.write("net/build.rs", &named.replace("static=fast", "static:+whole-archive=fast"));
    project.check(&[]).assert_clean();
    let list = ["list", "--output-format", "json"];
    let program = target().join("verify-projects/debug/right-source");
    let ran = must(Command::new(command()).current_dir(project.path("geo/src")).args(list).arg(program));
    let document: Value = serde_json::from_slice(&ran.stdout).expect("a document");
    let origin = &document["inputs"][0]["modules"][0]["origin"];
    assert_eq!(origin.to_string(), r#"{"file":"net/src/fast.c","line":5,"package":"net","version":""}"#);
}

/// Two packages made from one template: each compiles `src/fast.c`, and says nothing of itself in it.
#[test]
fn an_archive_member_that_looks_like_another_package_s() {
    let source = WITHOUT_RETAIN.replace("#define retain used\n", "");
    let whole = BUILD.replace("static=fast", "static:+whole-archive=fast");
    let (kept, lost) =
        (source.replace("PyInit_fast", "PyInit_kept"), source.replace("PyInit_fast", "PyInit_lost"));
    let geo: &[(&str, &str)] = &[("src/lib.rs", ""), ("src/fast.c", &kept), ("build.rs", &whole)];
    // rustc unpacks what is in its libraries by the name alone.
    let other = BUILD.replace("libfast.a", "libslow.a").replace("static=fast", "static=slow");
    let net: &[(&str, &str)] = &[("src/lib.rs", ""), ("src/fast.c", &lost), ("build.rs", &other)];
    let project = Project::new("template", MAIN, &[("geo", geo), ("net", net)]);
    let told = project.check(&[]).found();
    let version = told.split("`geo ").nth(1).and_then(|rest| rest.split('`').next()).unwrap_or("?");
    insta::assert_snapshot!(told.replace(version, "0.1.0"));
    project.write("net/src/fast.c", &lost.replace("acme.fast", "acme.slow"));
    project.write("net/build.rs", &other.replace("static=slow", "static:+whole-archive=slow"));
    project.check(&[]).assert_clean();
}

/// What depends on it has to name it: the program's own crate may not even know it.
#[test]
fn a_crate_below_another_that_no_code_names() {
    let (geo, net) = (extension("acme.geo._core", 1), extension("acme.net._core", 2));
    let crates: [(&str, &[(&str, &str)]); 2] =
        [("geo", &[("src/lib.rs", &geo)]), ("net", &[("src/lib.rs", &net)])];
    let project = Project::new("transitive", &MAIN.replace("use net as _;\n", ""), &crates);
    // The program depends on `geo` alone, and `geo` on `net`, under a name of its own choice.
    let manifest = std::fs::read_to_string(project.path("Cargo.toml")).expect("it was just written");
    project.write("Cargo.toml", &manifest.replace("net = { path = \"net\" }\n", ""));
    let manifest = std::fs::read_to_string(project.path("geo/Cargo.toml")).expect("it was just written");
    project
        .write("geo/Cargo.toml", &format!("{manifest}wire = {{ package = \"net\", path = \"../net\" }}\n"));
    insta::assert_snapshot!(project.check(&[]).found());
    project.write("geo/src/lib.rs", &format!("use wire as _;\n{geo}"));
    project.check(&[]).assert_clean();
}

/// `[package.metadata.linktab]`, for all programs of the package: a suppression that one of them needs
/// is used, and one that none needs is told once.
#[test]
fn the_manifest_configures_every_program_of_the_package() {
    let (geo, net) = (extension("_json", 1), extension("acme.net._core", 2));
    let crates: [(&str, &[(&str, &str)]); 2] =
        [("geo", &[("src/lib.rs", &geo)]), ("net", &[("src/lib.rs", &net)])];
    let project = Project::new("metadata", MAIN, &crates);
    project.write("src/bin/other.rs", &MAIN.replace("use geo as _;\n", ""));
    let manifest = std::fs::read_to_string(project.path("Cargo.toml")).expect("it was just written");
    let config = "[package.metadata.linktab]\nexpect = [\"acme.net._core\"]\n\n\
                  [[package.metadata.linktab.allow]]\ncode = \"LT005\"\nmodule = \"_json\"\nreason = \"a test\"\n\n\
                  [[package.metadata.linktab.allow]]\ncode = \"LT007\"\nmodule = \"_json\"\nreason = \"only in one\"\n";
    project.write("Cargo.toml", &format!("{manifest}{config}"));
    project.check(&[]).assert_clean();
    let unused = "\n[[package.metadata.linktab.allow]]\ncode = \"LT018\"\nreason = \"nothing\"\n";
    project.write("Cargo.toml", &format!("{manifest}{config}{unused}"));
    let ran = project.check(&["-D", "LT017"]);
    insta::assert_snapshot!(ran.found());
    // What concerns one of them is said of one.
    let only = |geo: &str, other: &str| {
        let json = "allow = [{ code = \"LT005\", module = \"_json\", reason = \"a test\" }]";
        let lost = "allow = [{ code = \"LT007\", module = \"_json\", reason = \"has no geo\" }]";
        let tables = format!("[program.{geo}]\nexpect = [\"_json\"]\n{json}\n[program.{other}]\n{lost}\n");
        project.write("linktab.toml", &tables);
        project.check(&["--output-format", "concise"])
    };
    only("app", "other").assert_clean();
    insta::assert_snapshot!("the_wrong_program", only("other", "app").found());
    // Of another package's program it says nothing, and does not do so in silence.
    project.write("geo/src/main.rs", &MAIN.replace("use net as _;\n", ""));
    insta::assert_snapshot!("the_wrong_folder", project.check(&["-p", "geo", "--allow", "LT005"]).err);
}
