//! The form that is written by the thousand, read without a parser: tokens in, the item and its record out, or
//! nothing where arguments or item are not exactly that form, or have a fault.
//!
//! `#[linktab::extension_module("acme._core")] unsafe extern "C" fn init() -> *mut PyObject { … }` it is, with no
//! more than docs and lint levels above. Cargo compiles proc macros without optimisation, where a parser of all Rust
//! takes most of the time that a macro takes. Whatever is not read here goes the long way, which has the words for
//! every fault; what comes out is the same.

use proc_macro::{Delimiter, TokenStream, TokenTree, token_stream::IntoIter};

use crate::expand;
use crate::externs;
use crate::name;
use crate::phase::Phase;

/// Attributes that a record has nothing to do with.
const BESIDE: [&str; 3] = ["doc", "allow", "expect"];

/// The item, which the compiler gets as it is, and its record.
pub fn expand(args: &TokenStream, item: &TokenStream) -> Option<TokenStream> {
    let name = text(args)?;
    let symbol = function(item)?;
    if !name::faults(&name, false).is_empty() || externs::misses() {
        return None;
    }
    let hook = name::hook(&name, Phase::Multi.hook_prefix());
    let record = expand::record(None, &name, Phase::Multi, false, Some(&hook), symbol.into());
    Some(TokenStream::from_iter([item.clone(), record]))
}

/// What stands between the quotes of a literal without escapes, if there is nothing else.
fn text(args: &TokenStream) -> Option<String> {
    let mut trees = args.clone().into_iter();
    let (Some(TokenTree::Literal(literal)), None) = (trees.next(), trees.next()) else { return None };
    let text = literal.to_string();
    let text = text.strip_prefix('"')?.strip_suffix('"')?;
    (!text.contains('\\')).then(|| text.to_owned())
}

/// The name of an init function that is written as nearly all are.
fn function(item: &TokenStream) -> Option<TokenTree> {
    let mut trees = item.clone().into_iter();
    let mut word = first_word(&mut trees)?;
    if word == "pub" {
        word = next_word(&mut trees)?;
    }
    if word == "unsafe" {
        word = next_word(&mut trees)?;
    }
    let abi = |tree: &TokenTree| matches!(tree, TokenTree::Literal(abi) if abi.to_string() == "\"C\"");
    if word != "extern" || !abi(&trees.next()?) || next_word(&mut trees)? != "fn" {
        return None;
    }
    let symbol = trees.next().filter(|tree| matches!(tree, TokenTree::Ident(_)))?;
    let parameters = |tree: &TokenTree| {
        matches!(tree, TokenTree::Group(group)
            if group.delimiter() == Delimiter::Parenthesis && group.stream().is_empty())
    };
    let returns = parameters(&trees.next()?)
        && is_punct(&trees.next()?, '-')
        && is_punct(&trees.next()?, '>')
        && is_punct(&trees.next()?, '*')
        && next_word(&mut trees)? == "mut";
    (returns && body_follows(&mut trees)?).then_some(symbol)
}

/// The first word behind attributes that a record has nothing to do with.
fn first_word(trees: &mut IntoIter) -> Option<String> {
    loop {
        match trees.next()? {
            TokenTree::Ident(word) => return Some(word.to_string()),
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                let TokenTree::Group(group) = trees.next()? else { return None };
                let attribute = next_word(&mut group.stream().into_iter())?;
                if !BESIDE.contains(&&*attribute) {
                    return None;
                }
            }
            _ => return None,
        }
    }
}

/// Whether a path to what an init function returns a pointer to, and a body, are all that is left.
fn body_follows(trees: &mut IntoIter) -> Option<bool> {
    let mut last = None;
    loop {
        match trees.next()? {
            // Two words side by side, as of a `where`, are no path.
            TokenTree::Ident(segment) if last.is_none() => last = Some(segment),
            TokenTree::Punct(punct) if punct.as_char() == ':' => last = None,
            TokenTree::Group(body) if body.delimiter() == Delimiter::Brace => break,
            _ => return None,
        }
    }
    let last = last?.to_string();
    Some(Phase::Multi.pointees().contains(&&*last) && trees.next().is_none())
}

fn next_word(trees: &mut IntoIter) -> Option<String> {
    match trees.next()? {
        TokenTree::Ident(word) => Some(word.to_string()),
        _ => None,
    }
}

fn is_punct(tree: &TokenTree, character: char) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == character)
}
