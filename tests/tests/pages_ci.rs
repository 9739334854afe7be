//! `docs/ci.md`, what no shell runs as it stands: the recipes for build systems that are not here, on what they leave.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use linktab_tests::projects::workspace;
use linktab_tests::verify::{command, scratch};
use linktab_tests::{fixture, run, try_run};

fn page() -> String {
    fs::read_to_string(workspace().join("docs/ci.md")).expect("the page is there")
}

/// What Bazel 4.2.3 wrote for a program with two libraries, of which one is linked whole; of its folders, these.
const PARAMS: &str = "-o
bazel-out/k8-fastbuild/bin/app/app
-Wl,-S
-fuse-ld=gold
-Wl,-no-as-needed
-Wl,-z,relro,-z,now
-B/usr/bin
-pass-exit-codes
bazel-out/k8-fastbuild/bin/app/_objs/app/main.pic.o
-Wl,-whole-archive
bazel-out/k8-fastbuild/bin/app/_objs/fast/fast.pic.o
-Wl,-no-whole-archive
-Wl,--start-lib
bazel-out/k8-fastbuild/bin/app/_objs/slow/slow.pic.o
-Wl,--end-lib
-lstdc++
-lm
";

/// A folder as each of the recipes finds it, and programs with the runtime: one of whose extensions is dropped, or none.
struct Built {
    folder: PathBuf,
}

/// Where Buck2 has what it builds: the name of the configuration is a hash.
const BUCK: &str = "buck-out/v2/gen/root/904931f735703749/app/__app__";

/// Buck2, as far as the page asks it: `buck2 build --help`, and the sub-targets of `prelude/cxx/cxx_executable.bzl`.
const BUCK2: &str = "#!/bin/sh
case \"$*\" in
    'build --show-simple-output //app:app') echo FOLDER/app ;;
    'build --show-simple-output //app:app[linker.argsfile]') echo FOLDER/app.linker.argsfile ;;
    *) exit 3 ;;
esac
";

const OBJECTS: &str = "bazel-out/k8-fastbuild/bin/app/_objs";

impl Built {
    fn new(name: &str, linked: &[&str]) -> Built {
        let built = Built { folder: scratch(name) };
        fs::remove_dir_all(&built.folder).expect("it can be emptied");
        fs::create_dir_all(&built.folder).expect("a folder can be made");
        for (path, name) in [("app", "main"), ("fast", "fast"), ("slow", "slow")] {
            built.compile(&format!("{OBJECTS}/{path}/{name}.pic.o"), name);
        }
        let objects = |name: &&str| format!("{OBJECTS}/{name}.pic.o");
        let mut link = Command::new("cc");
        link.args(["-nostartfiles", "-o", "program"]).args(linked.iter().map(objects));
        run(link.current_dir(&built.folder));
        let program = built.folder.join("program");
        for path in ["bazel-out/k8-fastbuild/bin/app/app", &format!("{BUCK}/app"), "build/app"] {
            built.copy(&program, path);
        }
        std::os::unix::fs::symlink("bazel-out/k8-fastbuild/bin", built.folder.join("bazel-bin"))
            .expect("a link");
        fs::write(built.folder.join("bazel-bin/app/app-2.params"), PARAMS).expect("it can be written");
        fs::write(built.folder.join(BUCK).join("app.linker.argsfile"), PARAMS).expect("it can be written");
        let buck2 = built.folder.join("bin/buck2");
        fs::create_dir_all(built.folder.join("bin")).expect("a folder can be made");
        fs::write(&buck2, BUCK2.replace("FOLDER", BUCK)).expect("it can be written");
        run(Command::new("chmod").arg("755").arg(buck2));
        for (from, to) in [("app/main", "main"), ("slow/slow", "slow")] {
            built.copy(&built.folder.join(format!("{OBJECTS}/{from}.pic.o")), &format!("build/{to}.o"));
        }
        let mut archive = Command::new("ar");
        archive.args(["rc", "build/libfast.a"]).arg(format!("{OBJECTS}/fast/fast.pic.o"));
        run(archive.current_dir(&built.folder));
        built
    }

    fn compile(&self, object: &str, name: &str) {
        let (source, object) = (self.folder.join(format!("{name}.c")), self.folder.join(object));
        let text = match name {
            "main" => fs::read_to_string(fixture("verify/c/runtime.c")).expect("it is there"),
            name => format!(
                "#include <linktab.h>\nstatic void *PyInit__native(void) {{ return (void *)1; }}\n\
                 LINKTAB_MODULE(\"acme.{name}._native\", PyInit__native, LINKTAB_MULTI)\n"
            ),
        };
        fs::create_dir_all(object.parent().expect("it is in a folder")).expect("a folder can be made");
        fs::write(&source, text).expect("it can be written");
        let mut cc = Command::new("cc");
        cc.arg("-fPIC")
            .arg("-I")
            .arg(workspace().join("registry/include"))
            .arg("-I")
            .arg(fixture("verify/c"));
        run(cc.arg("-c").arg(format!("{name}.c")).arg("-o").arg(object).current_dir(&self.folder));
    }

    fn copy(&self, from: &Path, to: &str) {
        let to = self.folder.join(to);
        fs::create_dir_all(to.parent().expect("it is in a folder")).expect("a folder can be made");
        run(Command::new("cp").arg(from).arg(to));
    }

    /// What a line of the page does there.
    fn typed(&self, line: &str) -> (Option<i32>, String) {
        let path = std::env::var("PATH").expect("there is a PATH");
        let linktab = command();
        let folder = linktab.parent().expect("it is in a folder").display().to_string();
        let mut shell = Command::new("bash");
        shell.args(["-c", line]).current_dir(&self.folder).env("PATH", format!("{folder}:bin:{path}"));
        let Output { status, stdout, stderr } = try_run(&mut shell);
        let text = [stdout, stderr].map(|bytes| String::from_utf8(bytes).expect("UTF-8")).concat();
        (status.code(), text)
    }
}

#[test]
fn recipes_for_build_systems_find_what_was_dropped_and_nothing_else() {
    let page = page();
    let (_, recipes) = page.split_once("<!-- recipes -->\n```sh\n").expect("there are recipes");
    let recipes: Vec<&str> = recipes.split_once("```").expect("the block is closed").0.lines().collect();
    assert_eq!(recipes.len(), 3, "{recipes:?}");
    let whole = Built::new("recipes-whole", &["app/main", "fast/fast", "slow/slow"]);
    let dropped = Built::new("recipes-dropped", &["app/main", "fast/fast"]);
    for recipe in recipes {
        let (code, said) = whole.typed(recipe);
        assert!(code == Some(0) && said.contains(": 2 modules, 0 errors, 0 warnings"), "{recipe}: {said}");
        let (code, said) = dropped.typed(recipe);
        let finding = "error[LT007]: module `acme.slow._native` went into the link, and is not in ";
        assert!(code == Some(1) && said.starts_with(finding), "{recipe}: {said}");
    }
}

#[test]
fn the_rule_of_a_build_file_fails_where_a_module_is_missing() {
    let page = page();
    let (_, rule) = page.split_once("    cmd = \"").expect("there is a rule");
    let line = rule.split_once("\",\n").expect("it ends").0;
    // What Bazel and Buck2 put there.
    let line = line.replace("$@", "check.txt").replace("$(location :app)", "build/app");
    let whole = Built::new("rule-whole", &["app/main", "fast/fast"]);
    assert_eq!(whole.typed(&line), (Some(0), "report written to check.txt\n".to_owned()));
    let dropped = Built::new("rule-dropped", &["app/main", "slow/slow"]);
    assert_eq!(dropped.typed(&line).0, Some(1));
}
