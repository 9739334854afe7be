//! Two packages with a module of one leaf name each get their own, whatever links them.
//!
//! PyO3 exports `PyInit__core` from both, and linkers merge the two without a word.

use linktab_tests::{Matrix, is_thorough};

const QUESTION: &str = "\
import acme.left._core as left, acme.right._core as right, pickle, sys
print(left.side(), right.side())
print(left.__name__, right.__name__, left.Side.__module__)
print(type(pickle.loads(pickle.dumps(left.Side))))
print(*(name for name in vars(right) if not name.startswith('__')), right.inner.__name__, right.inner.side)
import acme.right.inner as own_inner, acme.right.shape as own_shape, inner, shape
for module in own_inner, inner, own_shape, shape:
    print(module.__name__, module.__spec__.name, sys.modules[module.__name__] is module)
print(shape.Square.__module__, shape.Circle.__module__)
";

const ANSWER: &str = "\
left right
acme.left._core acme.right._core acme.left._core
<class 'type'>
inner shape side inner right, inside
acme.right.inner acme.right.inner True
inner inner True
acme.right.shape acme.right.shape True
shape shape True
acme.right.shape elsewhere
";

/// Those that differ most first; the others in a thorough run.
const PROFILES: [&str; 4] = ["dev", "fat-lto", "release", "thin-lto"];

#[test]
fn two_modules_of_one_leaf_name_answer_for_themselves() {
    let matrix = Matrix {
        fixture: "twins",
        package: "twins-app",
        profiles: &PROFILES[..if is_thorough() { 4 } else { 2 }],
        position_independent: &[true],
        arguments: &["-c", QUESTION],
    };
    matrix.prints_everywhere(ANSWER);
}
