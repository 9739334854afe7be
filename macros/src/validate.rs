//! Meaning: parsed input in, [`Checked`] out, or every fault at its token.

use syn::{Error, ReturnType, Type};

use crate::faults::Faults;
use crate::item::{Function, Item};
use crate::name;
use crate::parse::Args;
use crate::phase::{Phase, may_unwind};
use crate::pymodule;

/// A valid name and phase.
pub struct Checked {
    pub name: String,
    pub phase: Phase,
}

/// Checks the arguments alone.
pub fn args(args: &Args) -> Result<Checked, Error> {
    let mut faults = Faults::default();
    let name = args.name.value();
    for fault in name::faults(&name, args.any_name) {
        faults.add(Error::new(args.name.span(), fault));
    }
    let phase = match args.phase.as_ref().map(|phase| (phase, phase.value())) {
        None => Phase::Multi,
        Some((literal, value)) => match value.as_str() {
            "multi" => Phase::Multi,
            "single" => Phase::Single,
            "export" => Phase::Export,
            _ => {
                let message =
                    format!("unknown phase {value:?}: expected \"multi\", \"single\" or \"export\"");
                faults.add(Error::new(literal.span(), message));
                Phase::Multi
            }
        },
    };
    faults.into_result(Checked { name, phase })
}

/// Checks arguments and item.
pub fn item(arguments: &Args, item: &Item) -> Result<Checked, Error> {
    let mut faults = Faults::default();
    let checked = args(arguments).map_err(|error| faults.add(error)).ok();
    let phase = checked.as_ref().map_or(Phase::Multi, |checked| checked.phase);
    match item {
        Item::Fn(function) if pymodule::is_pymodule(&function.attrs) => {
            faults.take(pymodule::check_fn(arguments, phase, function));
        }
        Item::Mod(module) if pymodule::is_pymodule(&module.attrs) => {
            faults.take(pymodule::check_mod(arguments, phase, module));
        }
        Item::Fn(function) => init_function(&mut faults, phase, function),
        Item::Mod(module) => faults.add(Error::new(
            module.mod_token.span,
            "this module is no `#[pymodule]`: put `#[linktab::extension_module]` above `#[pymodule]`",
        )),
        Item::Other(other) => faults.add(Error::new_spanned(
            other,
            "expected an init function, an export hook or a PyO3 `#[pymodule]`",
        )),
    }
    match faults.into_result(checked)? {
        Some(checked) => Ok(checked),
        None => Err(Error::new(arguments.name.span(), "invalid arguments")),
    }
}

/// The signature of an init function, part by part.
fn init_function(faults: &mut Faults, phase: Phase, function: &Function) {
    let signature = &function.sig;
    // Below `#[pymodule]` the attribute sees the function that PyO3 left over.
    if !signature.inputs.is_empty() && signature.abi.is_none() {
        return faults.add(Error::new(
            signature.ident.span(),
            "this function is neither an init function, `unsafe extern \"C\" fn() -> *mut PyObject`, nor a \
             `#[pymodule]`; if it is the latter, put `#[linktab::extension_module]` above `#[pymodule]`",
        ));
    }
    match &signature.abi {
        Some(abi) if abi.name.as_ref().is_none_or(|name| name.value() == "C") || may_unwind(abi) => {}
        Some(abi) => faults.add(Error::new_spanned(abi, "an init function is `extern \"C\"`")),
        None => faults.add(Error::new(signature.fn_token.span, "an init function is `extern \"C\"`")),
    }
    if let Some(asyncness) = &signature.asyncness {
        faults.add(Error::new(asyncness.span, "an init function cannot be async"));
    }
    if !signature.generics.params.is_empty() {
        faults.add(Error::new_spanned(&signature.generics, "an init function cannot be generic"));
    }
    if let Some(clause) = &signature.generics.where_clause {
        faults.add(Error::new_spanned(clause, "an init function cannot have a where clause"));
    }
    if !signature.inputs.is_empty() {
        faults.add(Error::new_spanned(&signature.inputs, "an init function takes no parameters"));
    }
    if let Some(variadic) = &signature.variadic {
        faults.add(Error::new_spanned(variadic, "an init function takes no parameters"));
    }
    if !phase.pointees().iter().any(|pointee| returns(&signature.output, pointee)) {
        let pointees = phase.pointees().join("` or `*mut ");
        let message = format!("with phase \"{}\" the function returns `*mut {pointees}`", phase.word());
        faults.add(match &signature.output {
            ReturnType::Default => Error::new(signature.ident.span(), message),
            ReturnType::Type(_, returned) => Error::new_spanned(returned, message),
        });
    }
}

/// Whether a return type is `*mut` to a path that ends in `pointee`.
fn returns(output: &ReturnType, pointee: &str) -> bool {
    let ReturnType::Type(_, ty) = output else { return false };
    let Type::Ptr(pointer) = &**ty else { return false };
    let Type::Path(path) = &*pointer.elem else { return false };
    matches!(pointer.mutability, syn::PointerMutability::Mut(_))
        && path.path.segments.last().is_some_and(|last| last.ident == pointee)
}
