//! A page and what a reader does in it in, what they then see out: by a browser without a window and without a network.

use std::fs;
use std::path::Path;
use std::process::Command;

/// What is put behind a page, to be run when it is there: the reader's steps, and then the page becomes its own text.
const READER: &str = "<script>'use strict';\n{ @STEPS@ }\n\
    { const seen = @SEEN@; document.head.remove(); document.body.textContent = seen }</script>\n";

/// The text that a page shows after some steps, which are JavaScript. `fragment` is what follows `#` in its address.
///
/// # Panics
///
/// When the browser does not start, or the page's own script complains.
#[must_use]
pub fn shown(page: &Path, fragment: &str, steps: &str) -> String {
    seen(page, fragment, steps, "document.body.innerText")
}

/// What an expression of JavaScript says of a page.
///
/// # Panics
///
/// As [`shown`].
#[must_use]
pub fn seen(page: &Path, fragment: &str, steps: &str, expression: &str) -> String {
    let text = fs::read_to_string(page).expect("the page was written");
    let copy = page.with_extension("read.html");
    let reader = READER.replace("@STEPS@", steps).replace("@SEEN@", expression);
    fs::write(&copy, text + &reader).expect("the folder is writable");
    let profile = page.with_extension("profile");
    let mut browser = Command::new("chromium");
    // Root may start it only without a sandbox of its own; what it reads was made here.
    browser.args([
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--window-size=1280,1024",
    ]);
    browser.args(["--disable-background-networking", "--enable-logging=stderr", "--dump-dom"]);
    browser.arg(format!("--user-data-dir={}", profile.display()));
    browser.arg(format!("file://{}#{fragment}", copy.display()));
    let output = browser.output().expect("chromium starts");
    let said = String::from_utf8_lossy(&output.stderr);
    let complaints: Vec<&str> = said.lines().filter(|line| line.contains("CONSOLE")).collect();
    assert_eq!((output.status.code(), complaints), (Some(0), Vec::new()));
    let dumped = String::from_utf8(output.stdout).expect("UTF-8");
    let (_, body) = dumped.split_once("<body>").expect("a page has a body");
    let (body, _) = body.rsplit_once("</body>").expect("which ends");
    [("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", " "), ("&amp;", "&")]
        .iter()
        .fold(body.trim_end().to_owned(), |text, (escaped, sign)| text.replace(escaped, sign))
}
