//! `acme.fast._native` is written in C, see `native.c`; the record is in the same file.
//!
//! This crate compiles it. Its dependency on `linktab` tells the build script where `linktab.h` is.
