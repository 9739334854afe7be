//! Nothing: the tests of the macros are a package of their own for the sake of its few dependencies.
