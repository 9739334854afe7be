//! Links as build systems write them, and what their twins take.

use super::{Line, Word};

/// A link's arguments, and its twin's: `L:` for the linker, `-l` and whether an archive has to be it.
fn told(link: &str) -> String {
    let words: Vec<_> = link.split(' ').map(Into::into).collect();
    let line = Line::parse(&words);
    let words = line.words.iter().map(|word| match word {
        Word::As(text) => text.display().to_string(),
        Word::Linker(text) => format!("L:{text}"),
        Word::Library(name, true) => format!("-l{name}(archive)"),
        Word::Library(name, false) => format!("-l{name}"),
    });
    let words: Vec<String> = words.collect();
    let flags = [
        (line.is_shared, "shared"),
        (line.collects, "collects"),
        (line.optimises, "optimises"),
        (line.static_cxx, "c++"),
    ];
    let flags: Vec<&str> = flags.iter().filter(|(is, _)| *is).map(|(_, flag)| *flag).collect();
    format!("{link}\n  {} [{}] {:?} {:?}\n", words.join(" "), flags.join(" "), line.output, line.folders)
}

#[test]
fn a_twin_takes_what_is_not_of_the_last_step() {
    let links = [
        // setuptools
        "-pthread -shared -Wl,-rpath,/opt/lib build/a.o build/b.o -L/opt/lib -L. -lz -o build/x.so",
        // meson
        "-o x.so x.so.p/a.c.o -Wl,--as-needed -Wl,--allow-shlib-undefined -Wl,-O1 -shared -fPIC -Wl,--start-group liba.a -lm -Wl,--end-group",
        // CMake
        "-fPIC -O3 -flto -shared -Wl,-soname,x.so -o x.so CMakeFiles/a.o ../libb.so.1 libc.a -static-libstdc++",
        // rustc
        "-Wl,--version-script=/tmp/list -Wl,--no-undefined-version -m64 /tmp/symbols.o a.o -Wl,--as-needed -Wl,-Bstatic /lib/std.rlib -lfoo -Wl,-Bdynamic -lgcc_s -B/gcc-ld -fuse-ld=lld -o libx.so -Wl,--gc-sections -shared -Wl,-z,relro,-z,now -nodefaultlibs",
        // by hand
        "-shared -Wl,--push-state,--whole-archive liba.a -Wl,--pop-state -Xlinker --version-script -Xlinker v.map -Xlinker --wrap=malloc -u keep -l:libz.a -T script -z defs a.o",
        "-shared a.c -I include -DA=1 -x c++ b.inc -o x.so",
        "-c a.c -o a.o",
    ];
    insta::assert_snapshot!(links.map(told).concat());
}
