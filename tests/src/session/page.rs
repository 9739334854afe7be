//! The text of a page in, what its reader does out: files to write, commands to type, and what these print.
//!
//! Marks are comments, which no reader sees: `<!-- run -->` above commands behind `$ `, each with what it prints, and
//! `<!-- write: PATH -->` above what goes into a file. A line `> ` goes on with the command above. A line `...` stands for
//! any lines, `…` for anything in one. What fails shows a line with `error`, and nothing else does.

/// One thing to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// A file, from the folder in which the commands are.
    Write { path: String, text: String },
    /// A command, and the lines that it prints.
    Run { command: String, shown: Vec<String> },
}

/// What a page has its reader do, from top to bottom.
///
/// # Panics
///
/// When a mark stands above nothing.
#[must_use]
pub fn steps(page: &str) -> Vec<Step> {
    page.split("\n<!-- ").skip(1).flat_map(marked).collect()
}

fn marked(rest: &str) -> Vec<Step> {
    let Some((mark, below)) = rest.split_once(" -->\n") else { return Vec::new() };
    let block = || {
        let (_language, text) =
            below.strip_prefix("```").and_then(|text| text.split_once('\n')).expect("a block follows a mark");
        text.split_once("\n```").expect("a block is closed").0
    };
    match mark.split_once(": ") {
        None if mark == "run" => commands(block()),
        Some(("write", path)) => {
            vec![Step::Write { path: path.to_owned(), text: format!("{}\n", block()) }]
        }
        _ => Vec::new(),
    }
}

fn commands(block: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in block.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            steps.push(Step::Run { command: command.to_owned(), shown: Vec::new() });
            continue;
        }
        let Some(Step::Run { command, shown }) = steps.last_mut() else {
            panic!("a block begins with a command, and not with {line}")
        };
        match line.strip_prefix("> ") {
            Some(more) if shown.is_empty() => *command = format!("{command}\n{more}"),
            _ => shown.push(line.to_owned()),
        }
    }
    steps
}

/// What a page says to install with `apt`.
#[must_use]
pub fn packages(page: &str) -> Vec<&str> {
    let commands = page.split("`apt install ").skip(1).filter_map(|rest| rest.split('`').next());
    commands.flat_map(str::split_whitespace).collect()
}

/// Why a command's output and exit code are not what is shown; nothing where they are.
#[must_use]
pub fn fault(shown: &[String], printed: &str, code: &str) -> Option<String> {
    let lines: Vec<&str> = printed.lines().collect();
    let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
    let fails = shown.iter().any(|line| line.contains("error:") || line.contains("error["));
    let ended = if fails { code != "0" } else { code == "0" };
    let is_shown = fits(&shown, &lines);
    (!is_shown || !ended)
        .then(|| format!("expected\n{}\nfound, and exit code {code}\n{printed}", shown.join("\n")))
}

/// Whether lines are what is shown.
fn fits(wanted: &[&str], lines: &[&str]) -> bool {
    match wanted.split_first() {
        None => lines.is_empty(),
        Some((&"...", rest)) => (0..=lines.len()).any(|at| fits(rest, &lines[at..])),
        Some((first, rest)) => {
            lines.split_first().is_some_and(|(line, others)| fits_line(first, line) && fits(rest, others))
        }
    }
}

fn fits_line(wanted: &str, line: &str) -> bool {
    let mut parts = wanted.split('…');
    let Some(mut rest) = parts.next().and_then(|first| line.strip_prefix(first)) else { return false };
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        let is_last = parts.peek().is_none();
        match rest.find(part) {
            Some(_) if is_last => return rest.ends_with(part),
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_open_may_be_anything_and_nothing_else_may() {
        assert!(fits(&["a", "...", "c"], &["a", "b", "b", "c"]) && fits(&["..."], &[]));
        assert!(!fits(&["a", "...", "c"], &["a", "b"]) && !fits(&[], &["a"]) && !fits(&["a"], &["a", "b"]));
        assert!(
            fits_line("a… c", "a b c")
                && fits_line("…c", "c")
                && !fits_line("a…c", "a b")
                && !fits_line("a", "ab")
        );
    }

    #[test]
    fn a_page_is_read_from_top_to_bottom_and_what_has_no_mark_is_for_its_reader() {
        let page = "# A page\n\n<!-- write: src/a.c -->\n```c\nint a;\n\nint b;\n```\n\n```console\n$ not this\n```\n\n\
                    <!-- file: other -->\n```c\nint c;\n```\n\n<!-- run -->\n```console\n$ one \\\n> two\nprinted\n> too\n$ three\n```\n";
        let run = |command: &str, shown: &[&str]| Step::Run {
            command: command.to_owned(),
            shown: shown.iter().map(|line| (*line).to_owned()).collect(),
        };
        let written = Step::Write { path: "src/a.c".to_owned(), text: "int a;\n\nint b;\n".to_owned() };
        assert_eq!(steps(page), [written, run("one \\\ntwo", &["printed", "> too"]), run("three", &[])]);
    }

    #[test]
    fn what_is_to_be_installed_is_read_from_the_page() {
        assert_eq!(
            packages("on Debian, `apt install g++ python3-venv`, and `apt update`"),
            ["g++", "python3-venv"]
        );
    }

    #[test]
    fn what_fails_has_to_be_shown_and_what_is_shown_to_fail_has_to() {
        let shown = ["error: no".to_owned()];
        assert_eq!(fault(&shown, "error: no\n", "1"), None);
        assert!(fault(&shown, "error: no\n", "0").is_some() && fault(&[], "", "1").is_some());
        assert_eq!(fault(&["...".to_owned()], "anything\n", "0"), None);
    }
}
