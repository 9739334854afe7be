//! What the file runs when it is an application and no `python`: options in, what the archive and the mark say of it
//! out. Whether there is such a function, Python will say.

use linktab::layout::mark;

use super::super::Stop;
use super::args::Pack;

/// An application, or a `python`.
pub struct Application {
    /// The module that is run, or that has the function.
    module: Option<String>,
    function: Option<String>,
    python_options: bool,
}

impl Application {
    pub fn of(pack: &Pack) -> Result<Application, Stop> {
        let (module, function) = match (&pack.entry, &pack.module) {
            (None, None) if pack.python_options => {
                let what =
                    "--python-options is for an application: give --entry or --module, or leave it out";
                return Err(Stop::Usage(what.to_owned()));
            }
            (None, module) => (module.as_deref(), None),
            (Some(entry), _) => match entry.split_once(':') {
                Some((module, function)) if is_dotted(module) && is_dotted(function) => {
                    (Some(module), Some(function))
                }
                _ => return Err(refused("--entry", entry, "package.module:function")),
            },
        };
        if let Some(module) = module.filter(|module| !is_dotted(module)) {
            return Err(refused("--module", module, "package.module"));
        }
        let [module, function] = [module, function].map(|name| name.map(str::to_owned));
        Ok(Application { module, function, python_options: pack.python_options })
    }

    /// What a start imports.
    pub fn module(&self) -> Option<&str> {
        self.module.as_deref()
    }

    /// For the mark.
    pub fn options(&self) -> u32 {
        let python = if self.python_options { mark::PYTHON_OPTIONS } else { 0 };
        if self.module.is_some() { mark::APPLICATION | python } else { 0 }
    }

    /// For `pack_application.py`: names are nothing but letters, digits, `_` and dots.
    pub fn in_python(&self) -> String {
        match (&self.module, &self.function) {
            (None, _) => "None".to_owned(),
            (Some(module), None) => format!("('{module}', None)"),
            (Some(module), Some(function)) => format!("('{module}', '{function}')"),
        }
    }
}

fn refused(option: &str, found: &str, expected: &str) -> Stop {
    Stop::Usage(format!("{option} {}: expected {expected}", crate::plain::plain(found)))
}

fn is_dotted(name: &str) -> bool {
    name.split('.').all(|part| {
        !part.starts_with(|first: char| first.is_numeric())
            && !part.is_empty()
            && part.chars().all(|c| c.is_alphanumeric() || c == '_')
    })
}
