//! PyO3's `#[pymodule]`: finds its options, holds them against the registered name, and rewrites the
//! item so that PyO3 exports no `PyInit_<leaf>`.
//!
//! PyO3 exports that symbol whatever its module is linked into; `#[pyo3(submodule)]` is its documented
//! way not to. Only the `mod` form takes it, so the `fn` form becomes a `mod` whose `#[pymodule_init]`
//! calls the function.

use std::mem;

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Attribute, Error, Expr, ExprLit, Ident, Lit, LitStr, Meta, Path, Token, parse_quote};

use crate::faults::Faults;
use crate::item::{Content, Function, Module, visit_attributes};
use crate::name;
use crate::parse::Args;
use crate::phase::Phase;

/// A `#[pymodule]` in the form that is emitted.
pub struct PyModule {
    /// The `mod`, with everything that it needs to be a module of the registered name.
    pub module: Module,
    /// The function of the `fn` form, without PyO3's attributes, and what lets the `mod` call it.
    pub function: Option<TokenStream>,
}

/// What `#[pymodule(…)]` and `#[pyo3(…)]` say.
#[derive(Default)]
struct Options {
    name: Option<LitStr>,
    module: Option<LitStr>,
    submodule: bool,
    krate: Option<Path>,
}

/// Whether one of the attributes is `#[pymodule]`, by whatever path.
pub fn is_pymodule(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|attr| last_is(attr.path(), "pymodule"))
}

pub fn check_mod(args: &Args, phase: Phase, module: &Module) -> Faults {
    check(args, phase, &module.attrs, &module.ident)
}

pub fn check_fn(args: &Args, phase: Phase, function: &Function) -> Faults {
    let mut faults = check(args, phase, &function.attrs, &function.sig.ident);
    if !matches!(function.sig.inputs.len(), 1 | 2) {
        let message = "a `#[pymodule]` function takes `&Bound<'_, PyModule>`, optionally behind `Python<'_>`";
        faults.add(Error::new(function.sig.ident.span(), message));
    }
    visit_attributes(function.body.stream(), |attrs, _| {
        for attr in attrs.iter().filter(|attr| last_is(attr.path(), "pyfn")) {
            let message = "`#[pyfn]` (deprecated in PyO3) does not work below `#[linktab::extension_module]`: \
                           use `#[pyfunction]`, or the `mod` form of `#[pymodule]`";
            faults.add(Error::new_spanned(attr, message));
        }
        None
    });
    faults
}

fn check(args: &Args, phase: Phase, attrs: &[Attribute], ident: &Ident) -> Faults {
    let mut faults = Faults::default();
    if let (true, Some(literal)) = (phase != Phase::Multi, &args.phase) {
        faults.add(Error::new(literal.span(), "a `#[pymodule]` is always multi-phase: leave `phase` out"));
    }
    let name = args.name.value();
    let options = Options::of(attrs);
    let leaf = name::leaf(&name);
    let (found, span) = match &options.name {
        Some(literal) => (literal.value(), literal.span()),
        None => (ident.unraw().to_string(), ident.span()),
    };
    if !name.is_empty() && found != leaf {
        let message = format!(
            "this module is called `{found}`, but {name:?} ends in `{leaf}`: rename one of them, or add \
             `#[pyo3(name = \"{leaf}\")]`"
        );
        faults.add(Error::new(span, message));
    }
    if let Some(module) = &options.module
        && name::parent(&name) != Some(&module.value())
    {
        let message =
            format!("this says that the parent is `{}`, but the registered name is {name:?}", module.value());
        faults.add(Error::new(module.span(), message));
    }
    faults
}

impl PyModule {
    /// The `mod` form: PyO3's options, plus ours.
    pub fn from_mod(name: &str, mut module: Module) -> PyModule {
        let options = Options::of(&module.attrs);
        options.leave_only_the_leaf(name, &mut module);
        if let Some(content) = &mut module.content {
            content.items.extend(init(&options.pyo3()));
        }
        PyModule { module, function: None }
    }

    /// The `fn` form. PyO3's attributes and the docs, which become `__doc__`, go to the `mod`.
    ///
    /// Inside a function body a `mod` does not see the function beside it, but a method that is written
    /// there for a type of the `mod`.
    pub fn from_fn(name: &str, mut function: Function) -> PyModule {
        let options = Options::of(&function.attrs);
        let ident = &function.sig.ident;
        let pyo3 = options.pyo3();
        let python = (function.sig.inputs.len() == 2).then(|| quote!(module.py(),));
        let (for_mod, for_fn): (Vec<Attribute>, Vec<Attribute>) =
            function.attrs.iter().cloned().partition(is_pyo3);
        let conditions: Vec<_> = for_fn.iter().filter(|attr| last_is(attr.path(), "cfg")).cloned().collect();
        let docs = for_fn.iter().filter(|attr| last_is(attr.path(), "doc")).cloned();
        let mut attrs: Vec<_> = conditions.iter().cloned().chain(for_mod).chain(docs).collect();
        attrs.push(parse_quote!(#[doc(hidden)]));
        let init = init(&pyo3);
        let items = quote! {
            pub(super) struct Function;

            #[pymodule_init]
            fn init(module: &#pyo3::Bound<'_, #pyo3::types::PyModule>) -> #pyo3::PyResult<()> {
                Function::call(module)
            }

            #init
        };
        let mut module = Module {
            attrs,
            vis: function.vis.clone(),
            mod_token: Default::default(),
            ident: ident.clone(),
            content: Some(Content { span: Span::call_site(), items }),
        };
        options.leave_only_the_leaf(name, &mut module);
        let call = quote! {
            #(#conditions)*
            #[allow(unknown_lints, non_local_definitions)]
            impl #ident::Function {
                fn call(module: &#pyo3::Bound<'_, #pyo3::types::PyModule>) -> #pyo3::PyResult<()> {
                    #ident(#python ::core::convert::Into::into(module))
                }
            }
        };
        function.attrs = for_fn;
        PyModule { module, function: Some(quote!(#function #call)) }
    }
}

/// What PyO3 leaves out of a submodule, and `append_to_inittab!` names. It is not exported.
fn init(pyo3: &Path) -> TokenStream {
    quote! {
        #[doc(hidden)]
        pub unsafe extern "C" fn __pyo3_init() -> *mut #pyo3::ffi::PyObject {
            _PYO3_DEF.init_multi_phase()
        }
    }
}

impl Options {
    /// Reads what it knows; everything else, and every mistake, is left to PyO3 to judge.
    fn of(attrs: &[Attribute]) -> Options {
        let mut options = Options::default();
        for attr in attrs.iter().filter(|attr| is_pyo3(attr)) {
            one_options(attr).into_iter().for_each(|option| options.set(option));
        }
        options
    }

    fn set(&mut self, option: OneOption) {
        let text = match &option.value {
            Some(Expr::Lit(ExprLit { lit: Lit::Str(text), .. })) => Some(text.clone()),
            _ => None,
        };
        match option.key.to_string().as_str() {
            "name" => self.name = text,
            "module" => self.module = text,
            "submodule" => self.submodule = true,
            "crate" => {
                self.krate = match (text, option.value) {
                    (Some(text), _) => text.parse().ok(),
                    (None, Some(Expr::Path(path))) => Some(path.path),
                    _ => None,
                };
            }
            _ => {}
        }
    }

    fn pyo3(&self) -> Path {
        self.krate.clone().unwrap_or_else(|| parse_quote!(::pyo3))
    }

    /// `submodule`: no export. `module`: PyO3 would call the module by its full name, also where
    /// `wrap_pymodule!` makes it an attribute of another. So it goes to the items inside, where it makes
    /// the `__module__` of types, as pickling needs it.
    fn leave_only_the_leaf(&self, name: &str, module: &mut Module) {
        for attr in module.attrs.iter_mut().filter(|attr| is_pyo3(attr)) {
            remove_option(attr, "module");
        }
        if !self.submodule {
            module.attrs.push(parse_quote!(#[pyo3(submodule)]));
        }
        let Some(content) = &mut module.content else { return };
        let items = mem::take(&mut content.items);
        content.items = visit_attributes(items, |attrs, word| {
            let kind = match word.to_string().as_str() {
                "struct" | "enum" => "pyclass",
                "mod" => "pymodule",
                _ => return None,
            };
            let lacks = attrs.iter().any(|attr| last_is(attr.path(), kind)) && !has_module(attrs, kind);
            lacks.then(|| quote!(#[pyo3(module = #name)]))
        });
    }
}

/// Whether `#[kind(module = …)]` or `#[pyo3(module = …)]` is among the attributes.
fn has_module(attrs: &[Attribute], kind: &str) -> bool {
    let of_pyo3 = attrs.iter().filter(|attr| last_is(attr.path(), kind) || attr.path().is_ident("pyo3"));
    of_pyo3.flat_map(one_options).any(|option| option.key == "module")
}

/// The options in an attribute's parentheses; none where there is what PyO3 has to judge.
fn one_options(attr: &Attribute) -> Vec<OneOption> {
    let Meta::List(list) = &attr.meta else { return Vec::new() };
    let parser = Punctuated::<OneOption, Token![,]>::parse_terminated;
    parser.parse2(list.tokens.clone()).into_iter().flatten().collect()
}

fn remove_option(attr: &mut Attribute, key: &str) {
    let options = one_options(attr);
    let kept = options.iter().filter(|option| option.key != key).map(|OneOption { key, value }| {
        let value = value.iter();
        quote!(#key #(= #value)*)
    });
    let kept = quote!(#(#kept),*);
    if let (true, Meta::List(list)) = (options.iter().any(|option| option.key == key), &mut attr.meta) {
        list.tokens = kept;
    }
}

/// `key` or `key = value`.
struct OneOption {
    key: Ident,
    value: Option<Expr>,
}

impl syn::parse::Parse for OneOption {
    fn parse(input: syn::parse::ParseStream<'_>) -> syn::Result<Self> {
        let key = input.call(Ident::parse_any)?;
        let value = match input.parse::<Option<Token![=]>>()? {
            Some(_) => Some(input.parse()?),
            None => None,
        };
        Ok(OneOption { key, value })
    }
}

fn is_pyo3(attr: &Attribute) -> bool {
    last_is(attr.path(), "pymodule") || attr.path().is_ident("pyo3")
}

fn last_is(path: &Path, name: &str) -> bool {
    path.segments.last().is_some_and(|segment| segment.ident == name)
}
