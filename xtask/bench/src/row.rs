//! A row of the table of promises.

/// One promise.
pub struct Row {
    /// What is measured.
    pub what: String,
    /// What was promised.
    pub promise: String,
    /// What was found.
    pub found: String,
    /// Whether it holds; nothing where nothing was promised.
    pub holds: Option<bool>,
}

/// One that holds or not.
pub fn row(what: impl Into<String>, promise: &str, found: String, holds: bool) -> Row {
    Row { what: what.into(), promise: promise.to_owned(), found, holds: Some(holds) }
}

/// One of which nothing was promised.
pub fn reported(what: &str, found: String) -> Row {
    Row { what: what.to_owned(), promise: "reported".to_owned(), found, holds: None }
}
