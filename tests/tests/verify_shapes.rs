//! What cargo can make of packages: several programs, examples, tests and benches, shared and static
//! libraries, macros and helpers. Each is judged by what belongs into it, and by nothing else.

use linktab_tests::verify::{Project, extension};

const READ: &str = "fn main() {\n    linktab::Registry::global().unwrap();\n}\n";

/// Code that names crates and reads the table.
fn naming(crates: &[&str]) -> String {
    crates.iter().map(|name| format!("use {name} as _;\n")).chain([READ.to_owned()]).collect()
}

/// A library for another linker, with a table of its own.
const PLUGIN: &str = "use net as _;\n\n#[unsafe(no_mangle)]\npub extern \"C\" fn count() -> usize {\n    \
                      linktab::Registry::global().map_or(0, |registry| registry.len())\n}\n";

/// Reads the table, and adds nothing to it.
const HELPER: &str =
    "pub fn count() -> usize {\n    linktab::Registry::global().map_or(0, |registry| registry.len())\n}\n";

const MACRO: &str = "extern crate proc_macro;\nuse host as _;\n\n#[proc_macro]\npub fn nothing(_: proc_macro::TokenStream) \
                     -> proc_macro::TokenStream {\n    Default::default()\n}\n";

/// One package with every kind of target: its programs want other extensions each.
fn project() -> Project {
    let [geo, net, extra, host] = [("acme.geo", 1), ("acme.net", 2), ("acme.extra", 3), ("acme.host", 4)]
        .map(|(name, value)| extension(name, value));
    let crates: [(&str, &[(&str, &str)]); 7] = [
        ("geo", &[("src/lib.rs", &geo)]),
        ("net", &[("src/lib.rs", &net)]),
        ("extra", &[("src/lib.rs", &extra)]),
        ("host", &[("src/lib.rs", &host)]),
        ("helper", &[("src/lib.rs", HELPER)]),
        ("quiet", &[("src/lib.rs", MACRO)]),
        ("plugin", &[("src/lib.rs", PLUGIN)]),
    ];
    let project = Project::new("shapes", &naming(&["geo"]), &crates);
    let change = |file: &str, from: &str, to: &str| {
        let text = std::fs::read_to_string(project.path(file)).expect("it was just written");
        assert!(text.contains(from), "{text}");
        project.write(file, &text.replace(from, to));
    };
    change("Cargo.toml", "extra = { path = \"extra\" }\n", "");
    change("Cargo.toml", "host = { path = \"host\" }\n", "");
    change("Cargo.toml", "plugin = { path = \"plugin\" }\n", "");
    change(
        "Cargo.toml",
        "[workspace]\n",
        "[dev-dependencies]\nextra = { path = \"extra\" }\n[workspace]\nmembers = [\"plugin\"]\n",
    );
    change(
        "quiet/Cargo.toml",
        "[dependencies]\n",
        "[lib]\nproc-macro = true\n[dependencies]\nhost = { path = \"../host\" }\n",
    );
    let library = "[lib]\nname = \"shapes_plugin\"\ncrate-type = [\"cdylib\", \"staticlib\"]\n[dependencies]\nnet = { path = \"../net\" }\n";
    change("plugin/Cargo.toml", "[dependencies]\n", library);
    project.write("src/bin/small.rs", &format!("quiet::nothing!();\n{}", naming(&["net", "helper"])));
    project.write("examples/shown.rs", &naming(&["geo", "net", "extra"]));
    project.write("benches/fast.rs", &naming(&["geo", "net", "extra"]));
    let test = "use {extra as _, geo as _, net as _};\n\n#[test]\nfn reads() {\n    linktab::Registry::global().unwrap();\n}\n";
    project.write("tests/whole.rs", test);
    project.write("tests/other.rs", "#[test]\nfn needs_no_table() {}\n");
    project
}

const ALL: [&str; 2] = ["--output-format", "concise"];

#[test]
fn every_kind_of_target_is_judged_by_what_belongs_into_it() {
    let project = project();
    let whole = ["--workspace", "--bins", "--lib", "--examples", "--tests", "--benches"];
    let ran = project.check_with(&ALL, &whole);
    assert_eq!(ran.err, "");
    insta::assert_snapshot!("clean", ran.out);
    // What nobody names is lost: a dependency of development, one of a library, one of a program.
    for (file, names) in [("examples/shown.rs", "geo, net"), ("benches/fast.rs", "geo, net")] {
        project.write(file, &naming(&names.split(", ").collect::<Vec<_>>()));
    }
    project.write(
        "tests/whole.rs",
        "use {geo as _, net as _};\n\n#[test]\nfn reads() {\n    linktab::Registry::global().unwrap();\n}\n",
    );
    project.write("plugin/src/lib.rs", &PLUGIN.replace("use net as _;\n", ""));
    project.write("src/bin/small.rs", &naming(&["helper"]));
    insta::assert_snapshot!("faulty", project.check_with(&ALL, &whole).found());
    // What was not built cannot be read; its code tells what it names.
    insta::assert_snapshot!("one", project.check_with(&ALL, &["--bin", "app"]).out);
    project.write("src/main.rs", READ);
    insta::assert_snapshot!("one_faulty", project.check_with(&ALL, &["--bin", "app"]).found());
}

/// A Rust `dylib` takes the runtime with it, which then sees no record of the program's own.
#[test]
fn a_runtime_in_another_file_than_the_records() {
    let (geo, net) = (extension("acme.geo", 1), extension("acme.net", 2));
    let crates: [(&str, &[(&str, &str)]); 2] =
        [("geo", &[("src/lib.rs", &geo)]), ("net", &[("src/lib.rs", &net)])];
    let project = Project::new("split", &naming(&["geo", "net"]), &crates);
    let manifest = std::fs::read_to_string(project.path("net/Cargo.toml")).expect("it was just written");
    let library = "[lib]\nname = \"net\"\ncrate-type = [\"dylib\"]\n";
    let below = "geo = { path = \"../geo\" }\n";
    project.write("net/Cargo.toml", &format!("{manifest}{below}{library}"));
    insta::assert_snapshot!("split", project.check(&[]).found());
    // All of them in the shared library: the program finds all.
    project.write("net/src/lib.rs", &format!("use geo as _;\n{net}"));
    project.write("src/main.rs", &naming(&["net"]));
    project.check(&[]).assert_clean();
    // Nobody names the crate that is below it.
    project.write("net/src/lib.rs", &net);
    insta::assert_snapshot!("split_faulty", project.check_with(&ALL, &[]).found());
    project.write("net/Cargo.toml", &manifest);
    project.write("src/main.rs", &naming(&["geo", "net"]));
    project.check(&[]).assert_clean();
}

/// Two extensions and what they share: `exact` of `base` turns `deep` on, and asks more of it.
fn sharing(name: &str, one: &str, two: &str) -> Project {
    let [first, second] = [("acme.one", 1), ("acme.two", 2)].map(|(name, value)| extension(name, value));
    let crates: [(&str, &[(&str, &str)]); 2] =
        [("one", &[("src/lib.rs", &first)]), ("two", &[("src/lib.rs", &second)])];
    let project = Project::new(name, &naming(&["one", "two"]), &crates);
    let manifest = |name: &str, more: &str| {
        let text = format!("[package]\nname = \"{name}\"\nversion = \"1.0.0\"\nedition = \"2024\"\n{more}");
        project.write(&format!("{name}/Cargo.toml"), &text);
        project.write(&format!("{name}/src/lib.rs"), "");
    };
    manifest(
        "base",
        "[features]\ndefault = [\"std\"]\nstd = []\nexact = [\"deep?/wide\", \"deep\"]\n\
         [dependencies]\ndeep = { path = \"../deep\", optional = true }\n",
    );
    manifest("deep", "[features]\nwide = []\n");
    for (krate, dependencies) in [("one", one), ("two", two)] {
        let file = format!("{krate}/Cargo.toml");
        let text = std::fs::read_to_string(project.path(&file)).expect("it was just written");
        project.write(&file, &format!("{text}{dependencies}"));
    }
    project
}

#[test]
fn features_that_an_extension_has_only_from_another_are_noted() {
    let deep = "renamed = { package = \"deep\", path = \"../deep\" }\n";
    let exact = "base = { path = \"../base\", features = [\"exact\"] }\n";
    let one = format!("base = {{ path = \"../base\" }}\n{deep}");
    let two = exact.replace(" }", ", default-features = false }");
    let ran = sharing("features", &one, &two).check(&[]);
    insta::assert_snapshot!("features", ran.out);
    assert_eq!((ran.exit, &*ran.err), (linktab_verify::commands::Exit::Clean, ""));
    // Whoever asks for it has it from nobody.
    let ran = sharing("features-asked", &format!("{exact}{deep}"), exact).check(&[]);
    assert_eq!(ran.out, "target/debug/app: 2 modules, 0 errors, 0 warnings\n");
}

/// As maturin makes of a package with a command: a library for the wheel, into which nothing goes that only the program
/// has, and a program that has to name that library.
#[test]
fn a_package_is_a_wheel_and_a_program() {
    let net = extension("acme.net", 2);
    let project = Project::new("wheel", &naming(&["net"]), &[("net", &[("src/lib.rs", &net)])]);
    let manifest = std::fs::read_to_string(project.path("Cargo.toml")).expect("it was just written");
    let library = "[lib]\nname = \"app\"\ncrate-type = [\"cdylib\", \"rlib\"]\n[workspace]\n";
    project
        .write("Cargo.toml", &manifest.replace("[workspace]\n", &library.replace("\"app\"", "\"app_core\"")));
    project.write(
        "src/lib.rs",
        &format!("{}\n{}", extension("acme._core", 1), PLUGIN.replace("use net as _;\n", "")),
    );
    insta::assert_snapshot!("wheel", project.check(&[]).found());
    project.write("src/main.rs", &naming(&["app_core", "net"]));
    project.check(&[]).assert_clean();
    // cargo's own name for it is the program's; what was not built is asked what it names.
    project.write("Cargo.toml", &manifest.replace("[workspace]\n", library));
    project.write("src/main.rs", &naming(&["app", "net"]));
    insta::assert_snapshot!("wheel_alone", project.check_with(&ALL, &["--lib"]).out);
}
