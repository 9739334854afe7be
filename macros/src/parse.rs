//! Syntax of the macros' arguments: tokens in, [`Args`] out. Judges nothing.

use proc_macro2::Span;
use quote::ToTokens;
use syn::parse::discouraged::Speculative;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Ident, LitStr, Path, Result, Token};

/// The arguments in parentheses.
pub struct Args {
    pub name: LitStr,
    pub phase: Option<LitStr>,
    pub package: bool,
    /// The name may be one that only `importlib.import_module` can name.
    pub any_name: bool,
    /// Where `linktab` is, when it is not where its users have it.
    pub krate: Option<Path>,
}

/// The arguments of `extern_module!`.
pub struct ExternModule {
    pub args: Args,
    pub init: Path,
}

impl Parse for Args {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let name = name(input)?;
        options(name, input)
    }
}

impl Parse for ExternModule {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let name = name(input)?;
        if input.is_empty() {
            let message = "expected the init function: `extern_module!(\"pkg._native\", PyInit__native)`";
            return Err(syn::Error::new(name.span(), message));
        }
        input.parse::<Token![,]>()?;
        let init = input.call(Path::parse_mod_style)?;
        Ok(ExternModule { args: options(name, input)?, init })
    }
}

fn name(input: ParseStream<'_>) -> Result<LitStr> {
    if input.is_empty() {
        let message = "expected the extension's full dotted name, such as \"acme.geo._core\"";
        return Err(syn::Error::new(Span::call_site(), message));
    }
    // What nearly everybody writes, without the long way through all expressions.
    let ahead = input.fork();
    if let Ok(name) = ahead.parse()
        && (ahead.is_empty() || ahead.peek(Token![,]))
    {
        input.advance_to(&ahead);
        return Ok(name);
    }
    match input.parse()? {
        syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(name), .. }) => Ok(name),
        syn::Expr::Macro(call) if call.mac.path.is_ident("concat") => concat(&call.mac),
        // What `$name:expr` of `macro_rules!` hands over.
        syn::Expr::Group(group) => name.parse2(group.expr.into_token_stream()),
        other => Err(no_literal(&other)),
    }
}

/// `concat!` of string literals: the compiler has not evaluated it when a macro sees it.
fn concat(call: &syn::Macro) -> Result<LitStr> {
    let parts = call.parse_body_with(Punctuated::<syn::Expr, Token![,]>::parse_terminated)?;
    let mut text = String::new();
    for part in &parts {
        match part {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(part), .. }) => text += &part.value(),
            other => return Err(no_literal(other)),
        }
    }
    Ok(LitStr::new(&text, call.span()))
}

fn no_literal(found: &syn::Expr) -> syn::Error {
    let message = "expected a string literal, or `concat!` of string literals: a macro runs before constants, \
                   `env!` and the like have values";
    syn::Error::new_spanned(found, message)
}

/// Everything behind the name: `, key`, `, key = value`, in any order, each once.
fn options(name: LitStr, input: ParseStream<'_>) -> Result<Args> {
    let mut args = Args { name, phase: None, package: false, any_name: false, krate: None };
    let mut seen: Vec<Ident> = Vec::new();
    while !input.is_empty() {
        input.parse::<Token![,]>()?;
        if input.is_empty() {
            break;
        }
        if !input.peek(<Ident as syn::ext::IdentExt>::peek_any) {
            return Err(input.error("expected `phase`, `package`, `any_name` or `crate`"));
        }
        let key = input.call(<Ident as syn::ext::IdentExt>::parse_any)?;
        if seen.contains(&key) {
            return Err(syn::Error::new(key.span(), format!("`{key}` is given twice")));
        }
        option(&mut args, &key, input)?;
        seen.push(key);
    }
    Ok(args)
}

fn option(args: &mut Args, key: &Ident, input: ParseStream<'_>) -> Result<()> {
    match key.to_string().as_str() {
        "phase" => {
            input.parse::<Token![=]>()?;
            args.phase = Some(input.parse()?);
        }
        "package" | "any_name" if input.peek(Token![=]) => {
            return Err(input.error(format!("`{key}` takes no value: leave it out when it does not hold")));
        }
        "package" => args.package = true,
        "any_name" => args.any_name = true,
        "crate" => {
            input.parse::<Token![=]>()?;
            args.krate = Some(input.call(Path::parse_mod_style)?);
        }
        _ => {
            let message =
                format!("unknown argument `{key}`: expected `phase`, `package`, `any_name` or `crate`");
            return Err(syn::Error::new(key.span(), message));
        }
    }
    Ok(())
}
