//! The page of `linktab report --html`, as a browser shows it.

use std::fs;
use std::path::{Path, PathBuf};

use linktab_tests::browser::{seen, shown};
use linktab_tests::verify::faulty::rust_lld;
use linktab_tests::verify::{has, linktab, scratch};
use linktab_verify::commands::Exit;

/// Two packages, each with functions that symbols tell the size of, and a name of the standard library.
const SOURCE: &str = r#"
#include <linktab.h>
static volatile char table[PACKAGE_TABLE];
static int step(int x) { return table[x & 7] + x; }
static void *init(void) { return (void *)(long)step(1); }
static void *other(void) { return (void *)(long)step(2); }
"#;

/// A program, whose records are these lines of C behind [`SOURCE`], one file for each package.
fn program(name: &str, files: &[(&str, &str, &str)]) -> PathBuf {
    let folder = scratch("pages").join(name);
    fs::create_dir_all(&folder).expect("the scratch folder is writable");
    let target = rust_lld();
    let mut objects = vec![folder.join("runtime.o")];
    target.compile("runtime.c", &[], &objects[0]);
    for (file, package, records) in files {
        let (source, object) = (folder.join(format!("{file}.c")), folder.join(format!("{file}.o")));
        let head = format!(
            "#define LINKTAB_ORIGIN_PACKAGE {package:?}\n#define LINKTAB_ORIGIN_VERSION \"1.2.0\"\n\
             #line 1 \"src/{file}.c\"\n"
        );
        fs::write(&source, format!("{head}{SOURCE}{records}")).expect("the folder is writable");
        let size = format!("-DPACKAGE_TABLE={}", 1000 * objects.len());
        target.compile(source.to_str().expect("UTF-8"), &[&size], &object);
        objects.push(object);
    }
    let inputs: Vec<&Path> = objects.iter().map(PathBuf::as_path).collect();
    target.link(&inputs, &[], &folder.join("app"));
    folder.join("app")
}

fn sample(name: &str) -> PathBuf {
    program(
        name,
        &[
            (
                "geo",
                "acme-geo",
                "LINKTAB_MODULE(\"acme.geo._core\", init, LINKTAB_MULTI)\n\
                 LINKTAB_MODULE(\"acme.geo._tiles\", other, LINKTAB_SINGLE)\n",
            ),
            ("net", "acme-net", "LINKTAB_MODULE(\"acme.net._core\", init, LINKTAB_MULTI)\n"),
            ("old", "acme-old", "LINKTAB_MODULE(\"json\", init, LINKTAB_MULTI)\n"),
        ],
    )
}

/// Writes the page of a program beside it.
fn page(program: &Path) -> PathBuf {
    let page = program.with_extension("html");
    let path = |path: &Path| path.to_str().expect("UTF-8").to_owned();
    let ran = linktab(["report", "--html", "--no-config", "-o", &path(&page), &path(program)]);
    assert_eq!((ran.exit, &*ran.out), (Exit::Clean, ""), "{}", ran.err);
    page
}

/// Without the folder and the addresses of this machine.
fn named(text: &str, program: &Path) -> String {
    let text = text.replace(program.to_str().expect("UTF-8"), "app");
    let (first, rest) = text.split_once("(0x").map_or((&*text, ""), |(first, rest)| (first, rest));
    let rest = rest.split("(0x").map(|part| part.trim_start_matches(|c: char| c.is_ascii_hexdigit()));
    [first].into_iter().chain(rest).collect::<Vec<_>>().join("(0x…")
}

#[test]
fn a_page_shows_modules_by_package_with_sizes_and_findings() {
    if !has("chromium") {
        return;
    }
    let app = sample("whole");
    let page = page(&app);
    let mut told = named(&shown(&page, "", ""), &app);
    let steps = [
        ("what the first package holds", "document.querySelector('details').open = true"),
        (
            "search",
            "const box = document.querySelector('input'); box.value = 'NET _core'; box.dispatchEvent(new Event('input'))",
        ),
        ("one phase", "const all = document.querySelector('select'); all.value = 'single'; all.onchange()"),
        ("by name", "document.querySelector('th button').click()"),
        (
            "by size, the largest first",
            "document.querySelector('th button').click(); const size = () => document.querySelectorAll('th button')[2]; \
             size().click(); size().click()",
        ),
    ];
    for (title, steps) in steps {
        let table = seen(&page, "", steps, "document.querySelector('main').innerText");
        told.push_str(&format!("\n=== {title}\n{}", named(&table, &app)));
    }
    insta::assert_snapshot!("page", told);
    // What is chosen is in the address, which can be given to others.
    let by_click = seen(&page, "", "document.querySelector('th button').click()", "location.hash");
    assert_eq!(by_click, "#sort=module");
    let table = "document.querySelector('.scroll').innerText";
    assert_eq!(
        seen(&page, "sort=module", "", table),
        seen(&page, "", "document.querySelector('th button').click()", table)
    );
}

#[test]
fn a_page_is_light_or_dark_as_its_reader_wants_and_asks_no_network() {
    if !has("chromium") {
        return;
    }
    let page = page(&sample("colors"));
    let ground = "getComputedStyle(document.body).backgroundColor";
    assert_eq!(seen(&page, "theme=light", "", ground), "rgb(247, 247, 245)");
    assert_eq!(seen(&page, "theme=dark", "", ground), "rgb(22, 24, 28)");
    let toggled = "[...document.querySelectorAll('.bar button')].pop().click()";
    assert_eq!(seen(&page, "theme=light", toggled, ground), "rgb(22, 24, 28)");
    // The browser holds it to that.
    let loaded = "performance.getEntriesByType('resource').length + ' ' + document.scripts.length";
    assert_eq!(seen(&page, "", "", loaded), "0 3");
    let text = fs::read_to_string(&page).expect("it was written");
    assert!(text.contains("default-src 'none'") && !text.contains("http:") && !text.contains("https:"));
}

/// Names, packages, files and the path are whoever's who made the binary.
#[test]
fn nothing_in_a_binary_becomes_markup() {
    if !has("chromium") {
        return;
    }
    let hostile =
        "</script><script>document.title='taken'</script><img src=x onerror=document.title='taken'><!--";
    let app = program(
        "<img src=x onerror=alert(1)>",
        &[("hostile", hostile, "LINKTAB_MODULE(\"acme.hostile\", init, LINKTAB_MULTI)\n")],
    );
    let page = page(&app);
    let counted = "[document.title, document.images.length, document.scripts.length, \
                   document.querySelector('tr.group b').textContent].join('\\n')";
    assert_eq!(seen(&page, "", "", counted), format!("app · linktab report\n0\n3\n{hostile} 1.2.0"));
    let found = shown(&page, "q=%3Cimg%20src%3Dx%20onerror&sort=%3Cimg%3E&phase=%3Cimg%3E", "");
    assert!(found.contains("0 of 1"), "{found}");
}
