//! Attributes of an instance of a Python class where CPython 3.11 keeps them: values in a row, without a
//! dictionary.
//!
//! As long as nobody has asked an instance for its `__dict__`, the fourth word in front of it leads to its
//! values (`_PyObject_ValuesPointer`, Include/internal/pycore_object.h). An attribute has the same place in the
//! row of every instance of the class (`ht_cached_keys`). In front of the row, downwards from it, lie a byte with
//! the size of this part, a byte with the number of values, and a byte for each: the places, in the order in
//! which the attributes came (`new_values` and `_PyDictValues_AddToInsertionOrder`, Objects/dictobject.c).
//!
//! By the C interface an attribute costs 150 to 230 instructions, and by bytecode, in an `__init__`, half of
//! that; here 10. None of this is promised between versions, so that it is for 3.11 alone, of which
//! nothing but faults of security is mended any more. On every other version an instance has no [`Values`].

use pyo3_ffi as ffi;

use super::reference::{Borrowed, Owned, Result};

/// Where an attribute is in the rows of all instances of one class.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Place(pub u8);

/// The values of a live instance.
///
/// Invariant: `row` is what the head of this file says, as long as no code runs that could ask the
/// instance for its dictionary. Nothing below runs any, but for what a value that goes does at its end.
#[derive(Clone, Copy)]
pub struct Values {
    row: *mut *mut ffi::PyObject,
}

/// Whether any instance has values in a row.
pub const ROWS: bool = cfg!(all(Py_3_11, not(Py_3_12)));

impl Borrowed<'_> {
    /// Where its attributes are, if it is an instance of `class`, which is written in Python, and has no dictionary
    /// yet.
    #[cfg(all(Py_3_11, not(Py_3_12)))]
    pub fn values(self, class: Borrowed<'_>) -> Option<Values> {
        const WORDS_IN_FRONT: usize = 4;
        let class = class.as_pointer().cast::<ffi::PyTypeObject>();
        // SAFETY: invariant 2.
        if unsafe { ffi::Py_TYPE(self.as_pointer()) } != class {
            return None;
        }
        // SAFETY: a class.
        if unsafe { ffi::PyType_HasFeature(class, ffi::Py_TPFLAGS_MANAGED_DICT) } == 0 {
            return None;
        }
        let words = self.as_pointer().cast::<*mut *mut ffi::PyObject>();
        // SAFETY: an instance of such a type begins behind two words for its attributes and two for the collector.
        let pointer = unsafe { words.sub(WORDS_IN_FRONT) };
        // SAFETY: as above.
        let row = unsafe { *pointer };
        (!row.is_null()).then_some(Values { row })
    }

    /// As above, where they are elsewhere.
    #[cfg(not(all(Py_3_11, not(Py_3_12))))]
    pub fn values(self, _: Borrowed<'_>) -> Option<Values> {
        None
    }

    /// Whether instances of this class get their attributes as those of `object` do.
    pub fn sets_as_objects_do(self) -> bool {
        let class = self.as_pointer().cast::<ffi::PyTypeObject>();
        // SAFETY: a class, as the callers pass it.
        let set = unsafe { (*class).tp_setattro };
        // SAFETY: a static type, whose slot never changes.
        let usual = unsafe { ffi::PyBaseObject_Type.tp_setattro };
        set.map(|set| set as usize) == usual.map(|usual| usual as usize)
    }

    /// A new instance of a class with the first `count` attributes of this one, some with values of their own;
    /// nothing if either is not as it has to be. `no_arguments` is an empty tuple.
    ///
    /// A place that this instance has is in every row that is made after it: a row has room for all keys of the class,
    /// and the class forgets none (`init_inline_values`). The places in `own` are among the first `count`.
    pub fn like<'a, const N: usize>(
        self,
        class: Borrowed<'a>,
        count: usize,
        own: [(Place, Borrowed<'_>); N],
        no_arguments: Borrowed<'a>,
    ) -> Result<Option<Owned<'a>>> {
        let instance = class.new_instance(no_arguments)?;
        let (Some(from), Some(to)) = (self.values(class), instance.borrow().values(class)) else {
            return Ok(None);
        };
        if from.count() < count || to.count() != 0 {
            return Ok(None);
        }
        for at in 0..count {
            let place = from.place(at);
            let value = from.value(place);
            if value.is_null() {
                return Ok(None);
            }
            // SAFETY: a live object: this instance has a reference to it.
            unsafe { ffi::Py_INCREF(value) };
            to.set(place, value);
            to.set_in_front(3 + at, place.0);
        }
        to.set_in_front(2, count as u8);
        for (place, value) in own {
            let others = to.value(place);
            to.set(place, value.own().into_pointer());
            // SAFETY: the row's reference, which is no longer in it; nor is it the last.
            unsafe { ffi::Py_DECREF(others) };
        }
        Ok(Some(instance))
    }

    /// The attribute that has a place in the rows of a class, where it is there.
    pub fn attribute_at<'a>(self, class: Borrowed<'a>, place: Place) -> Option<Owned<'a>> {
        let value = self.values(class)?.value(place);
        // SAFETY: not null, and the row has a reference.
        (!value.is_null()).then(|| unsafe { class.attached().borrow(value) }.own())
    }

    /// Sets the attribute that has a place in the rows of a class, as `setattr` would; false if that is for
    /// `setattr` to do.
    pub fn put(self, class: Borrowed<'_>, place: Place, value: Borrowed<'_>) -> bool {
        let Some(values) = self.values(class) else { return false };
        let before = values.value(place);
        let value = value.own().into_pointer();
        if before.is_null() {
            values.append(place, value);
        } else {
            values.set(place, value);
            // SAFETY: the row's reference, which is no longer in it.
            unsafe { ffi::Py_DECREF(before) };
        }
        true
    }
}

impl Values {
    /// How many attributes are set.
    pub fn count(self) -> usize {
        usize::from(self.in_front(2))
    }

    /// The place of the attribute that came after `at` others: less than [`Values::count`].
    pub fn place(self, at: usize) -> Place {
        Place(self.in_front(3 + at))
    }

    /// The value at a place of the class's: null where there is none.
    pub fn value(self, place: Place) -> *mut ffi::PyObject {
        // SAFETY: the invariant, and the caller's place.
        let value = unsafe { self.row.add(usize::from(place.0)) };
        // SAFETY: as above.
        unsafe { *value }
    }

    fn set(self, place: Place, value: *mut ffi::PyObject) {
        // SAFETY: as for `value`.
        let place = unsafe { self.row.add(usize::from(place.0)) };
        // SAFETY: as above.
        unsafe { *place = value };
    }

    /// Takes over a reference, for a place that has no value.
    fn append(self, place: Place, value: *mut ffi::PyObject) {
        let count = self.count();
        self.set(place, value);
        self.set_in_front(3 + count, place.0);
        self.set_in_front(2, count as u8 + 1);
    }

    fn in_front(self, by: usize) -> u8 {
        // SAFETY: the invariant: there are two bytes, and as many as there are places.
        let byte = unsafe { self.row.cast::<u8>().sub(by) };
        // SAFETY: as above.
        unsafe { *byte }
    }

    fn set_in_front(self, by: usize, to: u8) {
        // SAFETY: as for `in_front`.
        let byte = unsafe { self.row.cast::<u8>().sub(by) };
        // SAFETY: as above.
        unsafe { *byte = to };
    }
}
