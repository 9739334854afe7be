//! The projects of `examples/build/`: where `linktab build` left one as one file in, whether it says what it is meant to
//! say out.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{bare_root, transcript};

/// The folder of one.
#[must_use]
pub fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/build").join(name)
}

/// The command's last words: which extensions are inside, without the widths of columns and what has none.
///
/// # Panics
///
/// When it did not come so far.
#[must_use]
pub fn table(said: &str) -> String {
    let lines = said.lines().skip_while(|line| !line.ends_with(" 0 errors, 0 warnings")).skip(1);
    let is_told = |line: &&str| !line.contains("  none  ");
    let words = |line: &str| {
        line.split("  ").map(str::trim).filter(|it| !it.is_empty()).collect::<Vec<_>>().join("  ") + "\n"
    };
    let table: String = lines.filter(is_told).map(words).collect();
    assert!(!table.is_empty(), "{said}");
    table
}

/// A root with nothing but a project's file, and how that is started there. None, and said, where this user may make none.
///
/// # Panics
///
/// When a folder cannot be made.
#[must_use]
pub fn root(file: &Path, root: &Path) -> Option<Command> {
    let mut app = bare_root(file, root)?;
    for folder in ["tmp", "home", "dev/shm"] {
        fs::create_dir_all(root.join(folder)).expect("a folder can be made");
    }
    app.env("HOME", "/home").env_remove("XDG_CACHE_HOME");
    Some(app)
}

/// `orders`: one line is none, one is refused, the others are added up.
///
/// # Panics
///
/// When anything is other than in the snapshots.
pub fn orders(table: &str, mut app: Command) {
    insta::assert_snapshot!("orders_table", table);
    let orders = r#"{"customer": "Argo", "pieces": 3, "price": "1.25"}
{"customer": "Argo", "pieces": 0, "price": "1.25"}
{"customer": "Boreas", "pieces": 2, "price": 10}
{"customer":
{"customer": "Argo", "pieces": 1, "price": "0.50"}
"#;
    insta::assert_snapshot!("orders", transcript(&mut app, orders));
}

/// `integral`, with numpy's wheel packed, started by `mpirun`.
///
/// # Panics
///
/// When anything is other than in the snapshots.
pub fn integral(table: &str, mut mpirun: Command) {
    let is_numpy = |line: &&str| line.starts_with("numpy.") || line.contains(" packages failed");
    let others: Vec<&str> = table.lines().filter(|line| !is_numpy(line)).collect();
    insta::assert_snapshot!("integral_table", others.join("\n"));
    insta::assert_snapshot!("integral", transcript(&mut mpirun, ""));
}

/// `greeter`: asked for two pages.
///
/// # Panics
///
/// When anything is other than in the snapshots.
pub fn greeter(table: &str, mut app: Command) {
    insta::assert_snapshot!("greeter_table", table);
    let mut service = app.stdout(Stdio::piped()).spawn().expect("it starts");
    let mut line = String::new();
    let mut said = BufReader::new(service.stdout.take().expect("it is piped"));
    said.read_line(&mut line).expect("it says where it is");
    let address = line.trim().strip_prefix("http://").map(str::to_owned);
    let ask = |request: &str| {
        let text = answer(address.as_deref()?, request).ok()?;
        let lines = text.lines().filter(|line| !line.starts_with("date: "));
        Some(lines.collect::<Vec<_>>().join("\n"))
    };
    let answers: Vec<Option<String>> = [
        "GET /greet/%3CArgo%3E HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "POST /add HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 10\r\n\r\n[1, 2, 39]",
    ]
    .iter()
    .map(|request| ask(request))
    .collect();
    service.kill().expect("it can be ended");
    service.wait().expect("it ends");
    let answers: Vec<String> =
        answers.into_iter().map(|answer| answer.unwrap_or(format!("none; {line}"))).collect();
    insta::assert_snapshot!("greeter", answers.join("\n\n"));
}

fn answer(address: &str, request: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    write!(stream, "{request}")?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    Ok(text)
}
