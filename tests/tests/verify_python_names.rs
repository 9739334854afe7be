//! Names, judged by the command and by Python's own parser: what an `import` statement can name is clean,
//! what only `importlib` can is a warning, and the rest is an error, as it is for the runtime.

use std::env;
use std::fs;
use std::process::Command;

use linktab_tests::verify::bombs::named;
use linktab_tests::verify::{linktab, must, scratch};
use serde_json::Value;

/// Good ones and bad ones, with every kind of sign beside letters. None whose class has changed since the
/// Unicode of CPython 3.9.
const NAMES: [&str; 45] = [
    "a",
    "_",
    "__init__",
    "a1.b2",
    "café",
    "acme.naïve.x",
    "変数",
    "acme.match",
    "type",
    "case._",
    "acme.async_",
    "print",
    "acme.__debug__",
    "Ⅷ",
    "ﬁx",
    "acme.ﬁx",
    "cafe\u{301}",
    "acme.cafe\u{301}.x",
    "Å",
    "acme.ª",
    "acme.ᵃ",
    "＿インポートテスト",
    "ｆｕｌｌ",
    "1a",
    "30fcd23745efe32ce681__mypyc",
    "acme.2",
    "fast-path",
    "acme.fast path",
    "acme.x ",
    " acme",
    "acme/x",
    "acme:x",
    "acme\nx",
    "acme\u{0}x",
    "acme.\u{200b}x",
    "acme.€",
    "acme.😀",
    "acme.·x",
    "class",
    "acme.None.x",
    "acme.await",
    "acme..x",
    ".acme",
    "acme.",
    "acme.x..",
];

/// Prints for each name what Python makes of it: `import` can name it, or only `importlib` can find it,
/// or neither.
const JUDGE: &str = r#"
import ast, importlib.util, importlib.machinery, json, sys
class Finder:
    # Everything below is a package, so that nothing but the name decides.
    def find_spec(name, path=None, target=None):
        # As linktab's, it knows no name with nothing between two dots.
        if all(name.split('.')):
            return importlib.machinery.ModuleSpec(name, Finder, is_package=True)
    def create_module(spec): return None
    def exec_module(module): pass
def judge(name):
    try:
        tree = ast.parse('import %s as x' % name, mode='exec')
        if [[alias.name for alias in node.names] for node in tree.body] == [[name]]:
            return 'clean'
    except (SyntaxError, ValueError):
        pass
    sys.meta_path.insert(0, Finder)
    try:
        return 'warning' if importlib.import_module(name).__name__ == name else 'error'
    except (ImportError, TypeError, ValueError):
        return 'error'
    finally:
        sys.meta_path.remove(Finder)
print(json.dumps({name: judge(name) for name in json.loads(sys.argv[1])}))
"#;

#[test]
fn names_are_judged_as_python_judges_them() {
    let python = env::var_os("LINKTAB_TOOLS_PYTHON").unwrap_or_else(|| "python3".into());
    let mut judge = Command::new(python);
    let names = serde_json::to_string(&NAMES[..]).expect("names are JSON");
    let said = must(judge.args(["-I", "-c", JUDGE, &names])).stdout;
    let of_python: Value = serde_json::from_slice(&said).expect("a JSON document");
    let path = scratch("python-names").join("app");
    fs::write(&path, named(&NAMES)).expect("the scratch folder is writable");
    let app = path.to_str().expect("an ASCII path");
    let ran = linktab(["check", "--no-config", "--output-format", "json", app]);
    let document: Value = serde_json::from_str(&ran.out).expect("a JSON document");
    assert_eq!(document["summary"]["modules"], NAMES.len(), "{}", ran.out);
    let findings: Vec<&Value> = document["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|finding| finding["code"] == "LT011")
        .collect();
    let of_linktab = |name: &str| {
        let mut levels = findings.iter().filter(|finding| finding["modules"][0] == name);
        levels.next().map_or("clean", |finding| finding["level"].as_str().expect("a level"))
    };
    let mut levels = Vec::new();
    for name in NAMES {
        assert_eq!(of_python[name], of_linktab(name), "{name:?}");
        levels.push(of_linktab(name));
    }
    let count = |wanted: &str| levels.iter().filter(|level| **level == wanted).count();
    assert_eq!((count("clean") > 10, count("warning") > 20, count("error")), (true, true, 4));
}

/// A warning leaves the exit code as it is, unless it is asked for more.
#[test]
fn what_importlib_can_import_is_a_warning_at_most() {
    let path = scratch("python-names").join("mypyc");
    fs::write(&path, named(&["30fcd23745efe32ce681__mypyc", "acme.x"])).expect("it can be written");
    let app = path.to_str().expect("an ASCII path");
    // A table without a program around it has other findings.
    let check = |more: &[&str]| {
        linktab(["check", "--no-config", "-A", "LT014", "-A", "LT006", app].iter().chain(more))
    };
    assert_eq!(check(&[]).exit as u8, 0, "{}", check(&[]).out);
    assert_eq!(check(&["-D", "LT011"]).exit as u8, 1);
    insta::assert_snapshot!(check(&[]).out.replace(app, "app"));
}
