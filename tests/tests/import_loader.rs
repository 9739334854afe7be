//! The finders beside importlib's own: what their objects can do besides finding and loading.

use linktab_tests::python;

#[test]
fn the_finders_can_be_referred_to_weakly() {
    insta::assert_snapshot!(python(
        "
import gc, linktab, sys, weakref
references = []
for finder in linktab.finder, linktab.implied_packages:
    seen = weakref.WeakKeyDictionary({finder: 'seen'})
    print(weakref.ref(finder)() is finder, seen[finder], weakref.getweakrefcount(finder))
    gone = lambda reference, kind=type(finder).__name__: print(kind, 'is gone')
    references.append(weakref.ref(finder, gone))
sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != 'linktab']
del sys.modules['linktab'], linktab, finder, seen
for _ in range(3):
    gc.collect()
print([reference() for reference in references])
"
    ));
}
