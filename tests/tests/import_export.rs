//! Export hooks (PEP 793) need CPython 3.15; before, such an extension is refused with a sentence.

use linktab_tests::python;

#[test]
fn an_export_hook_is_loaded_where_cpython_has_them_and_refused_before() {
    let has_hooks = python("import sys; print(sys.version_info >= (3, 15), end='')") == "True";
    if has_hooks {
        insta::assert_snapshot!("loaded", python(LOAD));
        insta::assert_snapshot!("broken", python(FAIL));
    } else {
        let version = python("import sys; print('this is %d.%d.%d' % sys.version_info[:3], end='')");
        insta::assert_snapshot!("refused", python(FAIL).replace(&version, "this is <this CPython>"));
    }
}

const LOAD: &str = "
import importlib, pickle, sys
import exported.plain as plain, exported.own_token as own, exported.été as summer
for module in plain, own, summer:
    print(ascii(module.__name__), ascii(module.__spec__.origin), ascii(module.Point.__module__))
    print(pickle.loads(pickle.dumps(module.Point)) is module.Point, importlib.reload(module) is module)
print('token:', plain.token() == plain.slots(), hex(own.token()))
first = plain.Point
plain.__loader__.exec_module(plain)
print('executed once:', plain.Point is first)
del sys.modules['exported.plain']
import exported.plain
print('another one:', exported.plain is not plain, exported.plain.token() == plain.token())
";

const FAIL: &str = "
import importlib, sys
for name in 'no_abi', 'silent':
    try:
        module = importlib.import_module('exported.' + name)
    except Exception as error:
        print(f'{type(error).__name__}: {error}, caused by {error.__cause__!r}')
    print('left in sys.modules:', 'exported.' + name in sys.modules)
";
