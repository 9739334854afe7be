//! `<module>._pybind11`, which is in `native.cpp`: this crate brings it into the link.
