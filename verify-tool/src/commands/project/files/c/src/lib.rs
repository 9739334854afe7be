//! `<module>._c`, which is in `native.c`: this crate brings it into the link.
