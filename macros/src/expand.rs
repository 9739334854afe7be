//! Checked input in, tokens out. Every path is absolute and goes through `linktab::__private`.

use std::env;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, Error, Meta};

use crate::externs;
use crate::item::{Function, Item};
use crate::name;
use crate::parse::{Args, ExternModule};
use crate::phase::{self, Phase};
use crate::pymodule::{self, PyModule};
use crate::validate::Checked;

/// The item, its record and, in a wheel, its export.
pub fn item(args: &Args, checked: &Checked, item: Item) -> TokenStream {
    match item {
        Item::Fn(function) if pymodule::is_pymodule(&function.attrs) => {
            pymodule(args, checked, &PyModule::from_fn(&checked.name, *function))
        }
        Item::Mod(module) => pymodule(args, checked, &PyModule::from_mod(&checked.name, module)),
        Item::Fn(function) => init_function(args, checked, *function),
        Item::Other(item) => item,
    }
}

/// The errors, and the item without the faulty attribute, so that whatever uses it still resolves.
pub fn failed(error: &Error, item: &Item) -> TokenStream {
    let errors = error.to_compile_error();
    quote!(#errors #item)
}

/// The record of a foreign init function, and its declaration when it is given as a symbol.
pub fn extern_module(input: &ExternModule, checked: &Checked) -> TokenStream {
    let init = &input.init;
    let declaration = input.init.get_ident().map(|symbol| {
        quote! {
            unsafe extern "C" {
                fn #symbol() -> *mut ::core::ffi::c_void;
            }
        }
    });
    register(&input.args, checked, &init.to_token_stream(), None, declaration)
}

fn init_function(args: &Args, checked: &Checked, mut function: Function) -> TokenStream {
    let hook = name::hook(&checked.name, checked.phase.hook_prefix());
    // The export of the hook is the wheel's business, see `linktab::__private::wheel_export`.
    let ident = function.sig.ident.clone();
    function.attrs.retain(|attr| exported_as(attr, &ident).is_none_or(|symbol| symbol != hook));
    let conditions: Vec<_> =
        function.attrs.iter().filter(|attr| attr.path().is_ident("cfg")).cloned().collect();
    let unwinds = function.sig.abi.as_ref().is_some_and(phase::may_unwind);
    // A panic that leaves it ends the program here, as `extern "C"` does.
    // SAFETY of what is written below: whoever calls `ending` keeps the contract of an init function, and
    // hands it on.
    let ending = unwinds.then(|| {
        quote! {
            unsafe extern "C" fn ending() -> *mut ::core::ffi::c_void {
                #[allow(unused_unsafe)]
                unsafe { #ident() }.cast()
            }
        }
    });
    let init = if unwinds { quote!(ending) } else { ident.to_token_stream() };
    let record = register(args, checked, &init, Some(&hook), ending);
    quote!(#function #(#conditions)* #record)
}

fn pymodule(args: &Args, checked: &Checked, PyModule { module, function }: &PyModule) -> TokenStream {
    let ident = &module.ident;
    let conditions = module.attrs.iter().filter(|attr| attr.path().is_ident("cfg"));
    let init = quote!(#ident::__pyo3_init);
    let record = register(args, checked, &init, Some(&name::hook(&checked.name, "PyInit")), None);
    quote!(#function #module #(#conditions)* #record)
}

/// The record and, in a wheel, the export of its hook; `beside` them goes what `init` names.
fn register(
    args: &Args,
    checked: &Checked,
    init: &TokenStream,
    hook: Option<&str>,
    beside: Option<TokenStream>,
) -> TokenStream {
    let krate = args.krate.as_ref().map(ToTokens::to_token_stream);
    let hint = if krate.is_none() { externs::hint() } else { None };
    let (krate, init) = (krate.map(Into::into), init.clone().into());
    let record: TokenStream = record(krate, &checked.name, checked.phase, args.package, hook, init).into();
    if beside.is_none() && hint.is_none() {
        return record;
    }
    quote! {
        const _: () = {
            #beside
            #record
            #hint
        };
    }
}

/// The call of the macro that places the record. All but its last argument is text, which the compiler reads in a
/// third of the time that `quote!` takes to make it token by token without optimisation.
pub fn record(
    krate: Option<proc_macro::TokenStream>,
    name: &str,
    phase: Phase,
    package: bool,
    hook: Option<&str>,
    init: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    let marker = name::marker(name);
    let phase = match phase {
        Phase::Multi => "Multi",
        Phase::Single => "Single",
        Phase::Export => "Export",
    };
    // Read here and not by `env!`, so that builds without cargo work too.
    let variable = |key: &str| env::var(key).unwrap_or_default();
    let crate_version = format!("{}\n{}", variable("CARGO_PKG_NAME"), variable("CARGO_PKG_VERSION"));
    let hook = hook.map_or_else(|| "_".to_owned(), |hook| format!("{hook:?}"));
    let arguments = format!("{name:?} {marker:?} {phase} {package} {crate_version:?} {hook}");
    let arguments = proc_macro::TokenStream::from_iter([tokens(&arguments), init]);
    let krate = krate.unwrap_or_else(|| tokens("::linktab"));
    let arguments = proc_macro::Group::new(proc_macro::Delimiter::Brace, arguments);
    let arguments = proc_macro::TokenTree::from(arguments).into();
    proc_macro::TokenStream::from_iter([krate, tokens("::__private::register!"), arguments])
}

/// Words, marks and escaped literals, as code writes them.
fn tokens(text: &str) -> proc_macro::TokenStream {
    text.parse().expect("the text is made here, of whole tokens")
}

/// The symbol that `#[no_mangle]` or `#[export_name = "…"]` gives a function, with or without
/// `unsafe(…)` around it.
fn exported_as(attr: &Attribute, function: &syn::Ident) -> Option<String> {
    let meta = match &attr.meta {
        Meta::List(list) if list.path.is_ident("unsafe") => list.parse_args().ok()?,
        meta => meta.clone(),
    };
    match meta {
        Meta::Path(path) if path.is_ident("no_mangle") => Some(function.to_string()),
        Meta::NameValue(pair) if pair.path.is_ident("export_name") => match pair.value {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(symbol), .. }) => Some(symbol.value()),
            _ => None,
        },
        _ => None,
    }
}
