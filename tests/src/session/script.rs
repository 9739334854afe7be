//! What a page has people do in, one script for a shell out; what that printed in, what is not as shown out.
//!
//! Knows no root and starts nothing but in its own test.

use super::page::{Step, fault};

/// Parts the output of one command from the next one's.
const MARK: &str = "\u{1}linktab\u{1}";

/// Ends a file in the script.
const END: &str = "__END_OF_FILE__";

/// All steps, with the errors of each command among its output.
pub fn script(steps: &[Step]) -> String {
    format!("exec 2>&1\n{}", steps.iter().map(typed).collect::<String>())
}

/// What goes to the shell for a step; behind a command its exit code, between two marks.
fn typed(step: &Step) -> String {
    match step {
        Step::Run { command, .. } => format!("{command}\nprintf '{MARK}%s{MARK}' $?\n"),
        Step::Write { path, text } => {
            format!("mkdir -p \"$(dirname {path})\"\ncat > {path} <<'{END}'\n{text}{END}\n")
        }
    }
}

/// Each command of a page whose output or exit code is not what is shown, and the first that was never run.
pub fn faults(page: &str, steps: &[Step], printed: &str, errors: &str) -> Vec<String> {
    let printed: Vec<&str> = printed.split(MARK).collect();
    let shown = steps.iter().filter_map(|step| match step {
        Step::Run { command, shown } => Some((command, shown)),
        Step::Write { .. } => None,
    });
    let mut faults = Vec::new();
    for (number, (command, shown)) in shown.enumerate() {
        // The output, and the exit code behind it.
        let [text, code] = [2 * number, 2 * number + 1].map(|at| printed.get(at).copied());
        let (Some(text), Some(code)) = (text, code) else {
            faults.push(format!("{page}: $ {command}\nthe shell ended: {errors}"));
            break;
        };
        let fault = fault(shown, text, code);
        faults.extend(fault.map(|fault| format!("{page}: $ {command}\n{fault}")));
    }
    faults
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::super::page::steps;
    use super::*;

    /// What is wrong with a page of one block, whose commands a shell here runs.
    fn wrong(block: &str) -> String {
        let steps = steps(&format!("# A page\n\n<!-- run -->\n```console\n{block}\n```\n"));
        let output = Command::new("bash").arg("-c").arg(script(&steps)).output().expect("bash starts");
        let printed = String::from_utf8_lossy(&output.stdout);
        faults("page", &steps, &printed, &String::from_utf8_lossy(&output.stderr)).join("\n")
    }

    #[test]
    fn a_page_whose_commands_do_what_is_shown_has_no_fault() {
        assert_eq!(wrong("$ echo a; echo error: b >&2; false\na\nerror: b\n$ true\n$ seq 3\n1\n...\n3"), "");
    }

    #[test]
    fn other_output_more_output_a_failing_command_and_an_end_of_the_shell_are_told() {
        let told = [
            "$ echo a\nb",
            "$ echo a",
            "$ true\na",
            "$ false",
            "$ echo error: a\nerror: a",
            "$ no-such-command\n...",
            "$ true\n$ exit 0\n$ true",
        ]
        .map(wrong)
        .join("\n");
        insta::assert_snapshot!(told, @r"
        page: $ echo a
        expected
        b
        found, and exit code 0
        a

        page: $ echo a
        expected

        found, and exit code 0
        a

        page: $ true
        expected
        a
        found, and exit code 0

        page: $ false
        expected

        found, and exit code 1

        page: $ echo error: a
        expected
        error: a
        found, and exit code 0
        error: a

        page: $ no-such-command
        expected
        ...
        found, and exit code 127
        bash: line 2: no-such-command: command not found

        page: $ exit 0
        the shell ended:
        ");
    }
}
