//! Imports, failures and look-ups over and over: what they take, they give back.
//!
//! A debug build counts references (`sys.gettotalrefcount`), any other allocated blocks.

use linktab_tests::python;

/// Says whether 100 rounds of a piece of work leave more behind than the 100 before: at least one
/// thing in two rounds, twenty times in a row. CPython's own caches fill up and are done: from 3.13 on
/// that takes up to a thousand rounds, more in one process than in another.
const MEASURE: &str = "
import gc, importlib, linktab, sys, warnings
warnings.simplefilter('ignore')
count = getattr(sys, 'gettotalrefcount', sys.getallocatedblocks)

def import_and_forget(name):
    try:
        importlib.import_module(name)
    except Exception:
        pass
    for known in [known for known in sys.modules if known.split('.')[0] in ('acme', 'native', 'broken', 'exported')]:
        del sys.modules[known]

def measure(work, *args):
    def rounds(times):
        for _ in range(times):
            work(*args)
        gc.collect()
        return count()
    before = rounds(100)
    for _ in range(20):
        before, grown = (after := rounds(100)), after - before
        if grown < 50:
            break
    return grown

for _ in range(1000):
    import_and_forget('acme.geo._core')

def report(what, grown):
    print(what, 'flat' if grown < 50 else f'grew by {grown} in 100 rounds')
";

#[test]
fn imports_leave_nothing_behind() {
    let said = python(&format!(
        "{MEASURE}
for name in 'acme.geo._core', 'native.child', 'acme.été', 'acme.old._once', 'acme.old._again', 'acme.odd.multi_as_single':
    report(ascii(name), measure(import_and_forget, name))
"
    ));
    insta::assert_snapshot!(said);
}

#[test]
fn failures_leave_nothing_behind() {
    let said = python(&format!(
        "{MEASURE}
for name in 'broken.raises', 'broken.raises_single', 'broken.silent', 'broken.both', 'broken.exec', 'broken.no_module', 'acme.geo.core':
    report(name, measure(import_and_forget, name))
if sys.version_info < (3, 15):
    report('exported.plain', measure(import_and_forget, 'exported.plain'))
else:
    for name in 'exported.no_abi', 'exported.silent':
        assert measure(import_and_forget, name) < 50, name
    report('exported.plain', measure(import_and_forget, 'exported.plain'))
"
    ));
    insta::assert_snapshot!(said);
}

#[test]
fn finders_leave_nothing_behind() {
    let said = python(&format!(
        "{MEASURE}
import copy, pickle
def look_up():
    for finder in linktab.finder, linktab.implied_packages:
        for name in 'os', 'acme', 'acme.geo._core', 'acme.nothing', '\\udc80':
            finder.find_spec(name)
        finder.invalidate_caches()
        pickle.loads(pickle.dumps(finder)), copy.copy(finder)
        for ask in finder.get_code, finder.get_source, finder.is_package:
            try:
                ask('acme.nothing')
            except ImportError:
                pass
def list_table():
    linktab.modules(), linktab.find('native'), linktab.find('nothing')
report('look-ups', measure(look_up))
report('listing', measure(list_table))
"
    ));
    insta::assert_snapshot!(said);
}
