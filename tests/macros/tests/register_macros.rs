//! What the macros accept, and what they say about everything else.
//!
//! The cases are in `ui/`; write their expected output with `TRYBUILD=overwrite`.

#[test]
fn misuse_fails_to_compile_at_the_offending_token() {
    let cases = trybuild::TestCases::new();
    let cases_that_fail =
        ["arguments", "duplicate", "items", "names", "pymodules", "renamed", "returned_type", "signatures"];
    for case in cases_that_fail {
        cases.compile_fail(format!("ui/{case}.rs"));
    }
    cases.pass("ui/pass.rs");
    cases.pass("ui/pass_raw.rs");
}
