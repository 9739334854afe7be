//! On a target whose linker makes no table, the registry is a compile error that says so.

use linktab_tests::build_std::BuildStd;
use linktab_tests::try_run;

#[test]
fn an_unsupported_target_is_a_compile_error() {
    let Some(build_std) = BuildStd::installed() else { return };
    let output =
        try_run(build_std.cargo("check", "verify/app", "wasm32-unknown-unknown").args(["-p", "linktab"]));
    assert!(!output.status.success(), "the table would be silently empty");
    let text = String::from_utf8_lossy(&output.stderr);
    let errors: Vec<&str> = text.lines().filter(|line| line.starts_with("error")).collect();
    insta::assert_snapshot!(errors.join("\n"));
}
