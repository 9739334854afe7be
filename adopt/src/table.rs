//! An outcome in, the table for people out.

use std::fmt::Write as _;

use crate::outcome::{Outcome, Package, State};

impl Outcome {
    /// One line for each shared object, those of packages without one, and a last line that counts.
    #[must_use]
    pub fn table(&self) -> String {
        let rows: Vec<[String; 4]> = self.packages.iter().flat_map(rows).collect();
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths = [width(0), width(1), width(2)];
        let mut text = String::new();
        for [what, state, from, why] in &rows {
            // Writing to a string cannot fail.
            let [a, b, c] = widths;
            let line = format!("{what:a$}  {state:b$}  {from:c$}  {why}");
            let _ = writeln!(text, "{}", line.trim_end());
        }
        if self.packages.iter().flat_map(|package| &package.modules).any(|module| module.is_refused()) {
            text.push_str(
                "help: a refused module works as a file; `--keep NAME` says that it is meant to be one\n",
            );
        }
        text.push_str(&self.last_line());
        text
    }

    fn last_line(&self) -> String {
        let states = || self.packages.iter().flat_map(|package| &package.modules).map(|module| &module.state);
        let count = |is: fn(&State) -> bool| states().filter(|state| is(state)).count();
        let failed = self.packages.iter().filter(|package| package.failure.is_some()).count();
        format!(
            "{} static, {} kept as files, {} refused; {failed} of {} packages failed\n",
            count(|state| matches!(state, State::Static { .. })),
            count(|state| matches!(state, State::Kept { .. })),
            count(|state| matches!(state, State::Refused { .. })),
            self.packages.len(),
        )
    }
}

fn rows(package: &Package) -> Vec<[String; 4]> {
    let from = format!("{} {}", package.name, package.version).trim_end().to_owned();
    if package.failure.is_some() {
        return vec![[
            package.requirement.clone(),
            "failed".into(),
            String::new(),
            "its log is above".into(),
        ]];
    }
    if package.modules.is_empty() {
        let why = if package.lacks_extension {
            let name = &package.name;
            format!(
                "built no extension, and its wheel on the index has one: `pip wheel -v --no-binary {name} {name}` shows a \
                 library that it misses; else its sources have none, or want an option that its documentation names"
            )
        } else {
            "built no extension: Python code alone".to_owned()
        };
        return vec![[package.name.clone(), "none".into(), from, why]];
    }
    let row = |module: &crate::outcome::Module| {
        let (state, why) = match &module.state {
            State::Static { phase, libraries, zero, has_file, .. } => {
                let mut why = format!("{phase}-phase");
                if !libraries.is_empty() {
                    why += &format!(", needs {}", libraries.join(", "));
                }
                why.extend(zero.iter().map(|function| format!(", `{function}` answers 0 to it")));
                if *has_file {
                    why += ", has a `__file__`";
                }
                ("static", why)
            }
            State::Kept { why } => ("kept", why.clone()),
            State::Refused { why } => ("refused", why.clone()),
        };
        [module.name.clone(), state.to_owned(), from.clone(), why]
    };
    package.modules.iter().map(row).collect()
}
