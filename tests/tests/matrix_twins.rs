//! Two packages with a module of one leaf name each get their own, whatever links them.
//!
//! PyO3 exports `PyInit__core` from both, and linkers merge the two without a word.

use std::process::Command;

use linktab_tests::{CargoBuild, linkers, run, side_by_side};

const QUESTION: &str = "\
import acme.left._core as left, acme.right._core as right, pickle
print(left.side(), right.side())
print(left.__name__, right.__name__, left.Side.__module__)
print(type(pickle.loads(pickle.dumps(left.Side))))
";

const ANSWER: &str = "\
left right
acme.left._core acme.right._core acme.left._core
<class 'type'>
";

#[test]
fn two_modules_of_one_leaf_name_answer_for_themselves() {
    side_by_side(["dev", "release", "thin-lto", "fat-lto"], |profile| {
        for linker in linkers() {
            let cell = CargoBuild {
                fixture: "twins",
                package: "twins-app",
                profile,
                linker,
                position_independent: true,
            };
            let program = cell.build().unwrap_or_else(|said| panic!("{cell:?}\n{said}"));
            assert_eq!(run(Command::new(program).args(["-c", QUESTION])), ANSWER, "{cell:?}");
        }
    });
}
