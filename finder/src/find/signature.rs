//! A vectorcall's arguments in, one value per parameter out.
//!
//! Knows positions and keywords; knows nothing of what the function does.

use crate::object::{Borrowed, Kind, Result};

/// The name of a function and of its parameters, of which the first `required` have no default.
pub struct Signature<const N: usize> {
    pub function: &'static str,
    pub parameters: [&'static str; N],
    pub required: usize,
}

impl<const N: usize> Signature<N> {
    /// One entry per parameter, `None` where the default stands.
    ///
    /// `values` holds the positional arguments and then those of `keywords`.
    pub fn bind<'a>(
        &self,
        this: Borrowed<'_>,
        values: &[Borrowed<'a>],
        keywords: &[Borrowed<'_>],
    ) -> Result<[Option<Borrowed<'a>>; N]> {
        let at = this.attached();
        let raise = |message: &str| at.raise(Kind::TypeError, message);
        let positional = values.len() - keywords.len();
        if positional > N {
            return Err(raise(&format!("{}() takes at most {N} arguments, got {positional}", self.function)));
        }
        let mut bound = [None; N];
        for (slot, value) in bound.iter_mut().zip(&values[..positional]) {
            *slot = Some(*value);
        }
        for (keyword, value) in keywords.iter().zip(&values[positional..]) {
            let keyword = keyword.text().unwrap_or_default();
            let Some(slot) = self.parameters.iter().position(|parameter| *parameter == keyword) else {
                return Err(raise(&format!(
                    "{}() got an unexpected keyword argument '{keyword}'",
                    self.function
                )));
            };
            if bound[slot].replace(*value).is_some() {
                return Err(raise(&format!(
                    "{}() got multiple values for argument '{keyword}'",
                    self.function
                )));
            }
        }
        match bound[..self.required].iter().position(Option::is_none) {
            None => Ok(bound),
            Some(missing) => Err(raise(&format!(
                "{}() missing required argument '{}' (pos {})",
                self.function,
                self.parameters[missing],
                missing + 1
            ))),
        }
    }
}
