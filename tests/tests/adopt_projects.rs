//! The projects of `examples/build/`: each becomes one file by one `linktab build`, which runs where there is nothing
//! else, or under the machine's `mpirun`, and says there what it is meant to say.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use linktab_tests::adopting::{self, copy, hurried};
use linktab_tests::verify::{command, has};
use linktab_tests::{bare_root, libpython_is_shared, run, stock_python, target_dir, transcript};

/// A root with nothing but the project's file, how it is started there, and the command's last words: which extensions
/// are inside.
struct Built {
    root: PathBuf,
    app: Command,
    table: String,
}

/// `pack` are packages whose wheels are taken as they are: those that take minutes to compile.
fn built(name: &str, pack: &[&str]) -> Option<Built> {
    // An executable that needs the library of CPython is not packed.
    if libpython_is_shared() {
        return None;
    }
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/build").join(name);
    let folder = target_dir("adopt").join("projects").join(name);
    let _ = fs::remove_dir_all(&folder);
    copy(&example, &folder);
    let mut build = Command::new(command());
    build.arg("build").arg(&folder).arg("--python").arg(stock_python());
    build.args(pack.iter().flat_map(|package| ["--pack", package]));
    let (work, _alone) = adopting::work();
    build.arg("--work").arg(work);
    let said = run(hurried(&mut build));
    let lines = said.lines().skip_while(|line| !line.ends_with(" 0 errors, 0 warnings")).skip(1);
    let is_told = |line: &&str| !line.contains("  none  ");
    let words = |line: &str| {
        line.split("  ").map(str::trim).filter(|it| !it.is_empty()).collect::<Vec<_>>().join("  ") + "\n"
    };
    let table: String = lines.filter(is_told).map(words).collect();
    assert!(!table.is_empty(), "{said}");
    let root = folder.join("root");
    let mut app = bare_root(&folder.join("dist").join(name), &root)?;
    for folder in ["tmp", "home", "dev/shm"] {
        fs::create_dir_all(root.join(folder)).expect("a folder can be made");
    }
    app.env("HOME", "/home").env_remove("XDG_CACHE_HOME");
    Some(Built { root, app, table })
}

#[test]
fn a_command_line_checks_and_adds_up_orders() {
    let Some(mut built) = built("orders", &[]) else { return };
    insta::assert_snapshot!("orders_table", built.table);
    let orders = r#"{"customer": "Argo", "pieces": 3, "price": "1.25"}
{"customer": "Argo", "pieces": 0, "price": "1.25"}
{"customer": "Boreas", "pieces": 2, "price": 10}
{"customer":
{"customer": "Argo", "pieces": 1, "price": "0.50"}
"#;
    insta::assert_snapshot!("orders", transcript(&mut built.app, orders));
}

#[test]
fn ranks_under_mpirun_compute_together_with_numpy() {
    if !has("mpirun") {
        return;
    }
    let Some(built) = built("integral", &["numpy"]) else { return };
    let is_numpy = |line: &&str| line.starts_with("numpy.") || line.contains(" packages failed");
    let others: Vec<&str> = built.table.lines().filter(|line| !is_numpy(line)).collect();
    insta::assert_snapshot!("integral_table", others.join("\n"));
    // At home: MPI is the machine's, with plugins that it looks for in folders, and is no part of the file.
    let mut mpirun = Command::new("mpirun");
    mpirun.args(["-n", "3"]).arg(built.root.join("app")).arg("1000000");
    mpirun.env("HOME", built.root.join("home")).env_remove("XDG_CACHE_HOME");
    insta::assert_snapshot!("integral", transcript(&mut mpirun, ""));
}

#[test]
fn a_web_service_answers_requests() {
    let Some(mut built) = built("greeter", &[]) else { return };
    insta::assert_snapshot!("greeter_table", built.table);
    let mut service = built.app.stdout(Stdio::piped()).spawn().expect("it starts");
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
