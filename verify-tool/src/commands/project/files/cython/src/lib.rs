//! `<module>._cython`, which is in `_cython.pyx`: this crate brings it into the link.
