//! Every record is in the executable, whatever the profile, the linker and the kind of executable.

use linktab_tests::Matrix;

/// What the fixture's application prints wherever nothing was lost.
const TABLE: &str = "\
acme.native single package 33 | matrix-native 1.2.3, src/native.c:14
acme.native._c multi - 31 | matrix-native 1.2.3, src/native.c:13
acme.native._cpp multi - 32 | matrix-native 1.2.3, src/native.cpp:10
acme.one single package 12 | matrix-one 1.2.3, one/src/lib.rs:17
acme.one._native multi - 11 | matrix-one 1.2.3, one/src/lib.rs:11
acme.one.größe multi - 13 | matrix-one 1.2.3, one/src/lib.rs:25
acme.two._foreign export - 22 | matrix-two 1.2.3, two/src/lib.rs:18
acme.two._native multi - 21 | matrix-two 1.2.3, two/src/lib.rs:6
";

/// cargo's profiles, and what users make of them.
const PROFILES: [&str; 7] =
    ["dev", "release", "thin-lto", "fat-lto", "one-codegen-unit", "abort", "stripped"];

#[test]
fn executables_of_either_kind_have_every_record() {
    let matrix = Matrix {
        fixture: "matrix",
        package: "matrix-app",
        profiles: &PROFILES,
        position_independent: &[true, false],
        arguments: &[],
    };
    matrix.prints_everywhere(TABLE);
}
