//! Syntax of what the attribute stands on: tokens in, [`Item`] out. Judges nothing.
//!
//! Reads heads alone. A body is as long as its author likes, and proc macros are compiled without optimisation.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt};
use syn::ext::IdentExt;
use syn::parse::discouraged::Speculative;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{AttrStyle, Attribute, Ident, Result, Signature, Token, Visibility, token};

/// What the attribute stands on.
pub enum Item {
    Fn(Box<Function>),
    Mod(Module),
    Other(TokenStream),
}

/// A function with a body.
pub struct Function {
    pub attrs: Vec<Attribute>,
    pub vis: Visibility,
    pub sig: Signature,
    pub body: Group,
}

/// A module whose content stands in place or, without one, in a file.
pub struct Module {
    /// Outer and inner ones.
    pub attrs: Vec<Attribute>,
    pub vis: Visibility,
    pub mod_token: Token![mod],
    pub ident: Ident,
    pub content: Option<Content>,
}

/// What stands between a module's braces, without inner attributes.
pub struct Content {
    pub span: Span,
    pub items: TokenStream,
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let head = input.fork();
        let attrs = head.call(Attribute::parse_outer)?;
        let vis: Visibility = head.parse()?;
        if head.peek(Token![mod]) {
            input.advance_to(&head);
            return module(attrs, vis, input).map(Item::Mod);
        }
        // Nothing else reads like the head of a function.
        match head.parse() {
            Ok(sig) if head.peek(token::Brace) => {
                input.advance_to(&head);
                Ok(Item::Fn(Box::new(Function { attrs, vis, sig, body: input.parse()? })))
            }
            _ => Ok(Item::Other(input.parse()?)),
        }
    }
}

fn module(mut attrs: Vec<Attribute>, vis: Visibility, input: ParseStream<'_>) -> Result<Module> {
    let (mod_token, ident) = (input.parse()?, input.parse()?);
    let content = if input.parse::<Option<Token![;]>>()?.is_some() {
        None
    } else {
        let braces: Group = input.parse()?;
        let parts = |input: ParseStream<'_>| Ok((input.call(Attribute::parse_inner)?, input.parse()?));
        let (inner, items): (Vec<_>, _) = parts.parse2(braces.stream())?;
        attrs.extend(inner);
        Some(Content { span: braces.span(), items })
    };
    Ok(Module { attrs, vis, mod_token, ident, content })
}

impl ToTokens for Item {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Item::Fn(function) => function.to_tokens(tokens),
            Item::Mod(module) => module.to_tokens(tokens),
            Item::Other(item) => item.to_tokens(tokens),
        }
    }
}

impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.append_all(&self.attrs);
        self.vis.to_tokens(tokens);
        self.sig.to_tokens(tokens);
        self.body.to_tokens(tokens);
    }
}

impl ToTokens for Module {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let outer = |attr: &&Attribute| matches!(attr.style, AttrStyle::Outer);
        tokens.append_all(self.attrs.iter().filter(outer));
        self.vis.to_tokens(tokens);
        self.mod_token.to_tokens(tokens);
        self.ident.to_tokens(tokens);
        let Some(content) = &self.content else { return <Token![;]>::default().to_tokens(tokens) };
        let mut items = TokenStream::new();
        items.append_all(self.attrs.iter().filter(|attr| !outer(attr)));
        content.items.to_tokens(&mut items);
        let mut braces = Group::new(Delimiter::Brace, items);
        braces.set_span(content.span);
        braces.to_tokens(tokens);
    }
}

/// Hands `visit` the attributes of each item of a module or a body, and the word behind them and a visibility,
/// such as `struct`; what it returns is written behind the attributes.
pub fn visit_attributes(
    items: TokenStream,
    mut visit: impl FnMut(&[Attribute], &Ident) -> Option<TokenStream>,
) -> TokenStream {
    let visit = |input: ParseStream<'_>| {
        let mut visited = TokenStream::new();
        while !input.is_empty() {
            if !(input.peek(Token![#]) && input.peek2(token::Bracket)) {
                visited.append(input.parse::<TokenTree>()?);
                continue;
            }
            let attrs = input.call(Attribute::parse_outer)?;
            visited.append_all(&attrs);
            let head = input.fork();
            head.parse::<Visibility>()?;
            visited.extend(head.call(Ident::parse_any).ok().and_then(|word| visit(&attrs, &word)));
        }
        Ok(visited)
    };
    // An attribute that cannot be read is the compiler's to judge, or PyO3's.
    visit.parse2(items.clone()).unwrap_or(items)
}
