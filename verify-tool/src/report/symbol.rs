//! Symbols as people read them.

use crate::{Init, Record};

/// The init function of a record: its symbol, demangled, with its address.
pub fn init(record: &Record) -> String {
    let symbol = record.symbol.as_deref().map(demangled);
    match (&record.init, symbol) {
        (Init::Null, _) => "null".to_owned(),
        (Init::Import(name), _) => format!("{} (imported)", demangled(name)),
        (Init::Address { address, .. }, Some(symbol)) => format!("{symbol} ({address:#x})"),
        (Init::Address { address, .. }, None) => format!("{address:#x}"),
        (Init::Resolver(address), Some(symbol)) => format!("{symbol} (resolver, {address:#x})"),
        (Init::Resolver(address), None) => format!("resolver at {address:#x}"),
    }
}

/// A symbol without Rust's mangling and hash.
pub fn demangled(symbol: &str) -> String {
    format!("{:#}", rustc_demangle::demangle(symbol))
}
