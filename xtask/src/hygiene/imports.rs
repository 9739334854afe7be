//! The text of a Rust file in, the paths that it takes from modules of its own crate out.
//!
//! Reads tokens, so that comments and strings name nothing; leaves out what is compiled for tests only.
//! Knows `use` trees and paths that begin with `crate`, `super` or `self`, or with a module that the file
//! declares; knows nothing of types.

use std::iter::Peekable;
use std::str::FromStr as _;

use anyhow::{Result, anyhow};
use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree, token_stream};

/// A path that a file names.
#[derive(Debug, PartialEq, Eq)]
pub struct Import {
    /// Names from the crate's root on; the last ones may be items.
    pub path: Vec<String>,
    /// The name under which the file hands it on (`pub use`), if it does.
    pub handed_on: Option<String>,
    /// Where it stands, from 1.
    pub line: usize,
}

/// Every path, for a file that is the module `module` of its crate.
///
/// # Errors
/// The text is no Rust.
pub fn of(text: &str, module: &[String]) -> Result<Vec<Import>> {
    let tokens = TokenStream::from_str(text).map_err(|error| anyhow!("{error}"))?;
    let mut found = Found { children: declared(&tokens), imports: Vec::new() };
    found.walk(tokens, module);
    Ok(found.imports)
}

type Tokens = Peekable<token_stream::IntoIter>;

struct Found {
    /// The modules that the file declares: their names begin paths too.
    children: Vec<String>,
    imports: Vec<Import>,
}

/// The names behind `mod`, wherever they stand.
fn declared(tokens: &TokenStream) -> Vec<String> {
    let mut names = Vec::new();
    let mut after_mod = false;
    for token in tokens.clone() {
        match token {
            TokenTree::Ident(ident) if after_mod => {
                names.push(ident.to_string());
                after_mod = false;
            }
            TokenTree::Ident(ident) => after_mod = ident == "mod",
            TokenTree::Group(group) => names.extend(declared(&group.stream())),
            _ => after_mod = false,
        }
    }
    names
}

impl Found {
    fn walk(&mut self, tokens: TokenStream, module: &[String]) {
        let mut tokens = tokens.into_iter().peekable();
        let (mut for_tests, mut public) = (false, false);
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == '#' => {
                    if let Some(TokenTree::Group(attribute)) = tokens.next_if(is_brackets) {
                        for_tests |= attribute.stream().to_string().replace(' ', "") == "cfg(test)";
                    }
                }
                TokenTree::Ident(ident) if ident == "pub" => {
                    public = true;
                    tokens.next_if(|token| is_group(token, Delimiter::Parenthesis));
                }
                TokenTree::Ident(ident) if ident == "mod" => {
                    let name = tokens.next().map(|name| name.to_string()).unwrap_or_default();
                    if let Some(TokenTree::Group(body)) =
                        tokens.next_if(|token| is_group(token, Delimiter::Brace))
                        && !for_tests
                    {
                        self.walk(body.stream(), &[module, &[name]].concat());
                    }
                    (for_tests, public) = (false, false);
                }
                TokenTree::Ident(ident) if ident == "use" => {
                    self.tree(&mut tokens, &mut Vec::new(), module, public && !for_tests);
                    (for_tests, public) = (false, false);
                }
                TokenTree::Ident(ident) => self.path(&ident, &mut tokens, module),
                TokenTree::Group(group) => {
                    if !for_tests {
                        self.walk(group.stream(), module);
                    }
                    if group.delimiter() == Delimiter::Brace {
                        (for_tests, public) = (false, false);
                    }
                }
                TokenTree::Punct(punct) if punct.as_char() == ';' => (for_tests, public) = (false, false),
                _ => {}
            }
        }
    }

    /// A path in code: `first :: second :: …`.
    fn path(&mut self, first: &Ident, tokens: &mut Tokens, module: &[String]) {
        let mut names = vec![first.to_string()];
        while skip_colons(tokens) {
            match tokens.next_if(|token| matches!(token, TokenTree::Ident(_))) {
                Some(name) => names.push(name.to_string()),
                None => break,
            }
        }
        if names.len() > 1 {
            self.add(&names, None, first.span().start().line, module);
        }
    }

    /// The tree behind `use`, up to its `;` or the end of its braces.
    fn tree(&mut self, tokens: &mut Tokens, before: &mut Vec<String>, module: &[String], public: bool) {
        let depth = before.len();
        let mut line = 0;
        let mut renamed = None;
        let finish = |found: &mut Found, before: &mut Vec<String>, renamed: &mut Option<String>, line| {
            if before.len() > depth {
                let name = renamed.take().or_else(|| before.last().cloned());
                found.add(before, name.filter(|_| public), line, module);
                before.truncate(depth);
            }
        };
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Ident(ident) if ident == "as" => {
                    renamed = tokens.next().map(|name| name.to_string());
                }
                TokenTree::Ident(ident) => {
                    line = ident.span().start().line;
                    before.push(ident.to_string());
                }
                TokenTree::Group(group) => {
                    let mut inner = group.stream().into_iter().peekable();
                    self.tree(&mut inner, before, module, public);
                    before.truncate(depth);
                }
                TokenTree::Punct(punct) if punct.as_char() == ',' => {
                    finish(self, before, &mut renamed, line);
                }
                TokenTree::Punct(punct) if punct.as_char() == ';' => break,
                _ => {}
            }
        }
        finish(self, before, &mut renamed, line);
    }

    fn add(&mut self, names: &[String], handed_on: Option<String>, line: usize, module: &[String]) {
        let up = names.iter().take_while(|name| *name == "super").count();
        let (base, rest) = match names[0].as_str() {
            "crate" => (&module[..0], &names[1..]),
            "self" => (module, &names[1..]),
            "super" => (&module[..module.len().saturating_sub(up)], &names[up..]),
            first if self.children.iter().any(|child| child == first) => (module, names),
            _ => return,
        };
        // `use a::{self}` names `a`.
        let rest: Vec<String> = rest.iter().filter(|name| *name != "self").cloned().collect();
        self.imports.push(Import { path: [base, &rest].concat(), handed_on, line });
    }
}

fn is_group(token: &TokenTree, delimiter: Delimiter) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == delimiter)
}

fn is_brackets(token: &TokenTree) -> bool {
    is_group(token, Delimiter::Bracket)
}

/// Takes `::`, if it is next.
fn skip_colons(tokens: &mut Tokens) -> bool {
    let colon = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ':');
    let mut ahead = tokens.clone();
    if ahead.next().is_some_and(|token| colon(&token)) && ahead.next().is_some_and(|token| colon(&token)) {
        *tokens = ahead;
        return true;
    }
    false
}
