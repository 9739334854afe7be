//! Imports registered extensions.
