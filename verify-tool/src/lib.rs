//! `linktab`: reads records out of binaries.
