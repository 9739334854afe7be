//! What went into a link, as linkers are told it: however a command line names the archive whose record is
//! lost, the loss is told, and what a check could not look at it names. Each way has a clean twin.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use linktab_tests::verify::native::compile_with;
use linktab_tests::verify::{command, has, linktab, must, scratch};
use linktab_verify::commands::Exit;

/// A folder with a program that lacks what `sub/libext_c.a` holds, and one that lacks nothing.
struct Bench {
    folder: PathBuf,
    linktab: PathBuf,
}

impl Bench {
    /// `None` where the tools are not installed, which then is said.
    fn new(test: &str) -> Option<Bench> {
        if !has("gcc") || !has("ar") {
            return None;
        }
        let folder = scratch("inputs").join(test);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("sub/.libs")).expect("the scratch folder is writable");
        let bench = Bench { folder, linktab: command() };
        compile_with("gcc", "runtime.c", &[], &bench.path("runtime.o"));
        compile_with("gcc", "modules.c", &[], &bench.path("modules.o"));
        compile_with("gcc", "archived.c", &[], &bench.path("sub/c.o"));
        bench.run("ar", &["crs", "sub/libext_c.a", "sub/c.o"]);
        for (program, more) in [("lost", None), ("whole", Some("sub/c.o"))] {
            let link = ["-nostartfiles", "-nostdlib", "-static", "runtime.o", "modules.o", "-o", program];
            bench.run("gcc", &link.into_iter().chain(more).collect::<Vec<_>>());
        }
        Some(bench)
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        must(Command::new(program).current_dir(&self.folder).args(arguments));
    }

    fn write(&self, file: &str, text: &str) {
        fs::write(self.path(file), text).expect("the scratch folder is writable");
    }

    /// Checks both programs in the folder: what is said of the first, and whether the second is clean.
    fn check(&self, input: &str) -> String {
        self.check_all(&[input])
    }

    fn check_all(&self, inputs: &[&str]) -> String {
        let told = |program: &str| {
            let inputs = inputs.iter().map(|input| format!("--inputs={input}"));
            let check = ["check", "--no-config", "--output-format", "concise"].map(str::to_owned);
            let check: Vec<String> = check.into_iter().chain(inputs).collect();
            let mut linktab = Command::new(&self.linktab);
            let output = linktab
                .current_dir(&self.folder)
                .args(check)
                .args(["--", program])
                .output()
                .expect("the command is there");
            let said = [output.stdout, output.stderr].concat();
            let said = String::from_utf8(said).expect("the command writes UTF-8");
            // The folder of the tests' own is named by nobody.
            assert!(!said.contains(self.folder.to_str().expect("an ASCII path")), "{said}");
            (output.status.code(), said.replace(&format!("{program}: "), ""))
        };
        let (lost, whole) = (told("lost"), told("whole"));
        let same = if lost == whole { "the same".to_owned() } else { format!("{:?} {}", whole.0, whole.1) };
        format!("lost: {:?} {}whole: {}", lost.0, lost.1, same.trim_end())
    }

    /// What is said of a response file with this text.
    fn response(&self, text: &str) -> String {
        self.write("link.rsp", text);
        format!("{}\n{}\n", text.trim_end(), self.check("@link.rsp"))
    }
}

#[test]
fn an_archive_is_found_however_a_command_line_names_it() {
    let Some(bench) = Bench::new("named") else { return };
    bench.write("inner.rsp", "sub/libext_c.a");
    // As editors of Windows write UTF-8.
    bench.write("marked.rsp", "\u{feff}sub/libext_c.a");
    bench.write("names.LinkFileList", "libext_c.a\n");
    fs::copy(bench.path("sub/c.o"), bench.path("sub/c.lo")).expect("the object is there");
    fs::copy(bench.path("sub/libext_c.a"), bench.path("sub/archive")).expect("the archive is there");
    let ways = [
        "-o lost modules.o sub/libext_c.a",
        "-o lost @inner.rsp",
        "-o lost @marked.rsp",
        "-o lost modules.o -Lsub -lext_c -lm",
        "-o lost -lext_c -L sub",
        "-o lost -l:libext_c.a -Lsub",
        "-o lost --library=ext_c --library-path=sub",
        "modules.o -Wl,--start-group,sub/libext_c.a,--end-group",
        "modules.o -Wl,-Bstatic,-Lsub -Wl,-lext_c,-Bdynamic",
        "modules.o -Xlinker -Lsub -Xlinker -lext_c",
        "modules.o -Wl,@inner.rsp",
        "-rpath @loader_path/../lib -install_name @rpath/libx.dylib -force_load sub/libext_c.a",
        "-filelist names.LinkFileList,sub",
        "modules.o sub/c.lo",
        "-o sub/none.o -x c -x sub/archive",
        "modules.o -B /usr/bin --hash-style gnu --orphan-handling place --require-defined main -wrapper gdb,--args sub/c.o",
    ];
    let told: Vec<String> = ways.iter().map(|way| bench.response(way)).collect();
    insta::assert_snapshot!(told.join("\n"));
}

/// libtool's files and linker scripts are known by what is in them.
#[test]
fn files_that_name_others_are_followed() {
    let Some(bench) = Bench::new("texts") else { return };
    let libtool = "# x - a libtool file\n# Generated by libtool 2.4.7\n";
    fs::copy(bench.path("sub/c.o"), bench.path("sub/.libs/pic.o")).expect("the object is there");
    fs::copy(bench.path("sub/libext_c.a"), bench.path("sub/.libs/libtooled.a"))
        .expect("the archive is there");
    bench.write("sub/both.lo", &format!("{libtool}pic_object='.libs/pic.o'\nnon_pic_object='c.o'\n"));
    bench.write("sub/pic.lo", &format!("{libtool}pic_object='.libs/pic.o'\nnon_pic_object=none\n"));
    bench.write(
        "sub/libtooled.la",
        &format!("{libtool}library_names=''\nold_library='libtooled.a'\ndependency_libs=' -lm'\nlibdir='/nowhere'\n"),
    );
    bench.write(
        "sub/libdeep.la",
        &format!("{libtool}old_library='../modules.o'\ndependency_libs=' -Lsub -lext_c'\nlibdir=''\n"),
    );
    bench.write("sub/libscript.so", "/* GNU ld script */\nGROUP ( libext_c.a AS_NEEDED ( -lm ) )\n");
    bench.write("sub/search.ld", "SEARCH_DIR(\"sub\"); INPUT(-lext_c)\n");
    bench.write("sections.ld", "SECTIONS { .text : { *(.text) KEEP(*(linkme_LINKTAB)) } }\n");
    let ways = [
        "sub/both.lo",
        "sub/pic.lo",
        "sub/libtooled.la",
        "sub/libdeep.la",
        "-Lsub -lscript",
        "sub/search.ld",
        "-T sections.ld -Ttext=0x1000 sub/c.o",
        "-Wl,--default-script=sub/search.ld",
        "-Wl,-dT -Wl,sub/search.ld",
    ];
    let told: Vec<String> = ways.iter().map(|way| bench.response(way)).collect();
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn what_was_not_looked_at_is_named() {
    let Some(bench) = Bench::new("unseen") else { return };
    bench.write("loop.rsp", "modules.o @loop.rsp");
    bench.write("bomb.rsp", &"@bomb.rsp ".repeat(1000));
    bench.write("empty.o", "");
    bench.write("main.c", "int main(void) { return 0; }\n");
    bench.write("sub/gone.lo", "# gone.lo - a libtool object file\npic_object='.libs/gone.o'\n");
    bench.write("gone.ld", "INPUT(gone.a)\n");
    bench.write("archive.mri", "OPEN sub/libext_c.a\n");
    bench.write("loop.ld", "INPUT(loop.ld)\n");
    bench.write("deep.ld", "INPUT(sub/../deep.ld)\n");
    bench.write("many.ld", "INPUT(sub/../many.ld ./many.ld sub/.././many.ld)\n");
    let ways = [
        "",
        "-o lost -pthread",
        "modules.o @absent.rsp",
        "modules.o @loop.rsp",
        "@bomb.rsp",
        "modules.o -labsent",
        "modules.o -l:absent.a",
        "modules.o absent.o",
        "modules.o empty.o",
        "modules.o main.c",
        "modules.o sub/gone.lo",
        "modules.o gone.ld",
        "modules.o -Wl,--mri-script=archive.mri",
        "modules.o loop.ld",
        "modules.o deep.ld",
        "modules.o many.ld",
    ];
    let mut told: Vec<String> = ways.iter().map(|way| bench.response(way)).collect();
    // Nor does another input make up for it.
    bench.write("empty.rsp", "");
    told.push(format!("@empty.rsp, modules.o\n{}\n", bench.check_all(&["@empty.rsp", "modules.o"])));
    insta::assert_snapshot!(told.join("\n"));
}

/// Its records are not the program's: nobody finds them, unless it has a runtime of its own.
#[test]
fn a_shared_library_keeps_its_records_to_itself() {
    let Some(bench) = Bench::new("shared") else { return };
    compile_with("gcc", "archived.c", &["-fPIC"], &bench.path("pic.o"));
    compile_with("gcc", "runtime.c", &["-fPIC"], &bench.path("runtime-pic.o"));
    let shared = ["-shared", "-nostdlib", "-o"];
    bench.run("gcc", &[&shared[..], &["sub/libplain.so", "pic.o"]].concat());
    bench.run("gcc", &[&shared[..], &["sub/libown.so", "pic.o", "runtime-pic.o"]].concat());
    let told: Vec<String> = ["-Lsub -lplain", "-Lsub -lown"].iter().map(|way| bench.response(way)).collect();
    insta::assert_snapshot!(told.join("\n"));
}

/// Without a response file, too.
#[test]
fn paths_are_taken_as_a_linker_takes_them() {
    let Some(bench) = Bench::new("paths") else { return };
    bench.write("sub/c.lo", "# c.lo - a libtool object file\npic_object='c.o'\n");
    let told = ["sub/libext_c.a", "sub/c.lo", "-Wl,sub/c.o", "absent.a"];
    let told: Vec<String> = told.iter().map(|way| format!("{way}\n{}\n", bench.check(way))).collect();
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn who_puts_the_binary_behind_the_inputs_is_told_how_they_end() {
    let ran = linktab(["check", "--inputs", "lib.o", "app"]);
    assert_eq!((ran.exit, &*ran.out), (Exit::Usage, ""));
    insta::assert_snapshot!(ran.err, @r"
    error: the following required arguments were not provided:
      <BIN>...

    Usage: linktab check --inputs <PATH|@RSP>... <BIN>...

    For more information, try '--help'.
    `--inputs` takes what follows it up to the next option: put the binary before it, or `--` between them
    ");
    // Then it is a file that is not there.
    assert_eq!(linktab(["check", "--inputs", "lib.o", "--", "/nonexistent/app"]).exit, Exit::Unreadable);
}
