//! A name in, a spec out, or the words of a failing import: what the two finders answer.
//!
//! Knows importlib's protocols; how a record becomes a module is `load`.

pub mod abstract_classes;
pub mod files;
pub mod finder;
pub mod implied;
pub mod location;
pub mod own;
pub mod query;
pub mod resources;
pub mod spec;
pub mod subinterpreters;

mod explanation;
mod message;
mod namespaces;
mod signature;
