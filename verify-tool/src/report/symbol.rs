//! Symbols as people read them.

use std::fmt::Write;

use crate::{Init, Record};

/// Appends the init function of a record: its symbol, demangled, with its address.
pub fn push_init(text: &mut String, record: &Record) {
    let (address, what) = match record.init {
        Init::Null => return text.push_str("null"),
        Init::Import { ref symbol, .. } => {
            push_demangled(text, symbol);
            return text.push_str(" (imported)");
        }
        Init::Address { address, .. } => (address, ""),
        Init::Resolver(address) => (address, "resolver"),
    };
    // Writing to a string cannot fail.
    let _ = match (record.symbol.as_deref(), what) {
        (Some(symbol), "") => {
            push_demangled(text, symbol);
            write!(text, " ({address:#x})")
        }
        (Some(symbol), what) => {
            push_demangled(text, symbol);
            write!(text, " ({what}, {address:#x})")
        }
        (None, "") => write!(text, "{address:#x}"),
        (None, what) => write!(text, "{what} at {address:#x}"),
    };
}

/// Appends a symbol without Rust's mangling and hash.
fn push_demangled(text: &mut String, symbol: &str) {
    if symbol.starts_with("_ZN") || symbol.starts_with("_R") {
        let _ = write!(text, "{:#}", rustc_demangle::demangle(symbol));
    } else {
        text.push_str(symbol);
    }
}
