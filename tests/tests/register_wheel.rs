//! The crates that go into one executable also become ordinary wheels, from the same source.

use std::fs;

use linktab_tests::maturin::{maturin, python};
use linktab_tests::verify::codes;
use linktab_tests::{fixture, run, target_dir};
use linktab_verify::commands::Exit;

#[test]
fn a_wheel_from_the_same_source_imports_in_an_ordinary_python() {
    let (wheels, site) = (target_dir("wheels"), target_dir("site"));
    for folder in [&wheels, &site] {
        fs::remove_dir_all(folder).ok();
    }
    for side in ["left", "right"] {
        let manifest = fixture("twins").join(side).join("Cargo.toml");
        let mut build = maturin();
        build.args(["build", "--quiet", "--interpreter"]);
        build.arg(run(python().args(["-c", "import sys; print(sys.executable, end='')"])));
        build.arg("--manifest-path").arg(manifest).arg("--target-dir").arg(target_dir("twins/wheel"));
        run(build.arg("--out").arg(&wheels));
    }
    let built: Vec<_> = fs::read_dir(&wheels).expect("maturin wrote them").flatten().collect();
    assert_eq!(built.len(), 2);
    for wheel in built {
        // What pip does with a pure or platform wheel: unpack it into site-packages.
        run(python().args(["-m", "zipfile", "--extract"]).arg(wheel.path()).arg(&site));
    }

    for side in ["left", "right"] {
        let folder = site.join("acme").join(side);
        let files = fs::read_dir(&folder).expect("the wheel was unpacked").flatten().map(|file| file.path());
        let extensions: Vec<_> =
            files.filter(|file| file.extension().is_some_and(|end| end == "so")).collect();
        assert_eq!(extensions.len(), 1, "{}", folder.display());
        assert_eq!(codes(&extensions[0], &[]), (Exit::Clean, vec![]), "its own hook is no stranger");
    }

    let question = "\
import acme.left._core as left, acme.right._core as right
print(left.side(), right.side())
print(left.__name__, right.__name__, left.Side.__module__)
print(left.__loader__.__class__.__name__)
";
    let answer = run(python().args(["-c", question]).env("PYTHONPATH", &site));
    assert_eq!(answer, "left right\nacme.left._core acme.right._core acme.left._core\nExtensionFileLoader\n");
}
