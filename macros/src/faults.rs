//! Faults, each at its token, into one error that shows all of them.

use syn::Error;

/// Faults that arrive together.
#[derive(Default)]
pub struct Faults(Option<Error>);

impl Faults {
    pub fn add(&mut self, error: Error) {
        match &mut self.0 {
            Some(first) => first.combine(error),
            None => self.0 = Some(error),
        }
    }

    pub fn take(&mut self, faults: Faults) {
        if let Some(error) = faults.0 {
            self.add(error);
        }
    }

    pub fn into_result<T>(self, value: T) -> Result<T, Error> {
        self.0.map_or(Ok(value), Err)
    }
}
