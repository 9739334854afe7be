//! Whether the expansion's `::linktab` is a crate that the compiler was given, from its own arguments.
//!
//! Decides only whether a hint goes along: `extern crate lt as linktab;` is in no argument.

use std::env;
use std::sync::OnceLock;

use proc_macro2::TokenStream;
use quote::quote;

/// Whether the compiler was given crates, and none is called `linktab`.
pub fn misses() -> bool {
    static MISSES: OnceLock<bool> = OnceLock::new();
    // What one compiler is told does not change. An editor's server, which is told nothing, gets no hint.
    *MISSES.get_or_init(|| {
        let externs: Vec<String> = externs(env::args()).collect();
        !externs.is_empty() && !externs.iter().any(|name| name == "linktab")
    })
}

/// A constant that fails to evaluate with the option's name in its words, exactly if `::linktab` is not found:
/// else the macro that stands there declares the function, which goes before the one of a glob import.
pub fn hint() -> Option<TokenStream> {
    misses().then(|| {
        quote! {
            const _: () = {
                mod otherwise {
                    pub const fn found() {
                        panic!(
                            "the crate `linktab` is not found here: have it among this package's dependencies \
                             under this name, or say where it is with the option `crate = path::to::linktab`"
                        );
                    }
                }
                #[allow(unused_imports)]
                use otherwise::*;
                ::linktab::__private::found! {}
                const _: () = found();
            };
        }
    })
}

/// The names in `--extern NAME=FILE`, `--extern=OPTIONS:NAME` and their like (the rustc book, "--extern").
fn externs(arguments: impl Iterator<Item = String>) -> impl Iterator<Item = String> {
    let mut follows = false;
    arguments.filter_map(move |argument| {
        let value = argument.strip_prefix("--extern=").or(follows.then_some(argument.as_str()));
        let name = value.and_then(|value| value.split('=').next()?.rsplit(':').next()).map(str::to_owned);
        follows = argument == "--extern";
        name
    })
}

#[cfg(test)]
mod tests {
    use super::externs;

    #[test]
    fn crates_are_found_among_a_compilers_arguments() {
        let arguments =
            "rustc --extern a=liba.rlib -C opt --extern=noprelude:b --extern priv,nounused:c=/x=y -o d";
        let names: Vec<String> = externs(arguments.split(' ').map(str::to_owned)).collect();
        assert_eq!(names, ["a", "b", "c"]);
    }
}
