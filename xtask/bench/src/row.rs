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
