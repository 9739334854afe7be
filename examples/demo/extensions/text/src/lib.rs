//! `acme.text._tokens` is written in Cython, see `_tokens.pyx`.
