//! Hostile bytes: whatever comes in, the tool ends, soon and without a panic, and what it could not
//! read it never calls clean.
//!
//! `LINKTAB_MUTANTS` says how many mutants each format gets: else 10,000, and 50,000 in a thorough run.

use std::env;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use linktab_tests::is_thorough;
use linktab_tests::verify::bombs::bombs;
use linktab_tests::verify::chained::{Encoding, reencode};
use linktab_tests::verify::native::compile_with;
use linktab_tests::verify::targets::Target;
use linktab_tests::verify::universal::universal;
use linktab_tests::verify::{handed_out, has, must, scratch};
use linktab_verify::{Expected, Limits, check, read_bytes};
use wait4::Wait4;

/// Small binaries, objects and archives of every format that can be linked here, built once for all
/// tests: they run side by side, and would write the same files.
fn seeds() -> &'static [(String, Vec<u8>)] {
    static SEEDS: OnceLock<Vec<(String, Vec<u8>)>> = OnceLock::new();
    SEEDS.get_or_init(build_seeds)
}

fn build_seeds() -> Vec<(String, Vec<u8>)> {
    let folder = scratch("hostile");
    let mut seeds = Vec::new();
    for target in Target::installed() {
        let slug = target.slug();
        let object = folder.join(format!("{slug}.o"));
        let runtime = folder.join(format!("{slug}-runtime.o"));
        let program = folder.join(slug.clone());
        target.compile("modules.c", &[], &object);
        target.compile("runtime.c", &[], &runtime);
        target.link(&[&runtime, &object], &[], &program);
        for path in [object, program] {
            let bytes = fs::read(&path).expect("it was just built");
            seeds.push((path.file_name().expect("a file").to_string_lossy().into_owned(), bytes));
        }
    }
    let archive = folder.join("all.a");
    let _ = fs::remove_file(&archive);
    let members: Vec<PathBuf> = seeds
        .iter()
        .filter(|(name, _)| name.starts_with("elf-x86-64-pie-bfd"))
        .map(|(name, _)| folder.join(name))
        .collect();
    must(Command::new("llvm-ar").arg("crs").arg(&archive).args(members));
    seeds.push(("all.a".to_owned(), fs::read(&archive).expect("it was just built")));
    seeds.push(("universal".to_owned(), two_slices(&seeds)));
    seeds.extend(intermediate(&folder));
    let chained =
        seeds.iter().find(|(name, _)| name == "mach-o-arm64-chained").map(|(_, bytes)| bytes.clone());
    for pointers in [1, 12] {
        let encoding = Encoding { pointers, signed: true, imports: 3 };
        seeds.extend(
            chained.iter().map(|bytes| (format!("mach-o-arm64e-{pointers}"), reencode(bytes, encoding))),
        );
    }
    seeds
}

/// What compilers leave for the linker to compile.
fn intermediate(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let compilers: Vec<&str> = ["clang", "gcc"].into_iter().filter(|compiler| has(compiler)).collect();
    let object = |compiler: &str| {
        let object = folder.join(format!("code-{compiler}.o"));
        compile_with(compiler, "archived.c", &["-flto"], &object);
        (format!("code-{compiler}.o"), fs::read(&object).expect("it was just built"))
    };
    compilers.into_iter().map(object).collect()
}

/// Two Mach-O files behind a universal header.
fn two_slices(seeds: &[(String, Vec<u8>)]) -> Vec<u8> {
    // `cputype` of each (mach/machine.h).
    let wanted = [("mach-o-arm64-chained", 0x0100_000c), ("mach-o-x86-64-chained", 0x0100_0007)];
    let slices = wanted.iter().filter_map(|(start, cpu)| {
        let seed = seeds.iter().find(|(name, _)| name.starts_with(start) && !name.ends_with(".o"));
        seed.map(|(_, bytes)| (*cpu, 0, &bytes[..]))
    });
    universal(&slices.collect::<Vec<_>>(), false)
}

/// Reads and judges; the only thing asked is that it ends.
fn judge(name: &str, bytes: Vec<u8>) -> (usize, usize) {
    let outcome = read_bytes(name, bytes, &Limits::default());
    let findings = check(&outcome.inventories, &Expected::default());
    let inventories = outcome.inventories.iter();
    let records = inventories.map(|inventory| inventory.records.len() + inventory.markers.len()).sum();
    (records, outcome.errors.len() + findings.len())
}

/// A small generator of numbers (xorshift64, Marsaglia 2003): the mutants are the same on every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }
}

/// Values that bounds checks get wrong.
const EDGES: [u64; 12] = [
    0,
    1,
    7,
    0x40,
    0xff,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    1 << 32,
    i64::MAX as u64,
    u64::MAX - 7,
    u64::MAX,
];

/// Places that mean something: headers, and what headers point to.
fn interesting(bytes: &[u8], numbers: &mut Numbers) -> usize {
    match numbers.below(4) {
        0 => numbers.below(bytes.len().min(0x400)),
        // Section headers and symbols of small files are at their end.
        1 => bytes.len() - 1 - numbers.below(bytes.len().min(0x1000)),
        2 => {
            // Behind a word that looks like an offset into the file.
            let at = numbers.below(bytes.len().saturating_sub(8)) & !3;
            let word = u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes")) as usize;
            if word < bytes.len() { word } else { at }
        }
        _ => numbers.below(bytes.len()),
    }
}

fn mutate(bytes: &mut Vec<u8>, numbers: &mut Numbers) {
    for _ in 0..1 + numbers.below(4) {
        let at = interesting(bytes, numbers);
        let size = [1, 2, 4, 8][numbers.below(4)];
        let end = (at + size).min(bytes.len());
        match numbers.below(6) {
            0 => bytes[at] ^= 1 << numbers.below(8),
            1 | 2 => {
                let value = EDGES[numbers.below(EDGES.len())].to_le_bytes();
                let len = end - at;
                bytes[at..end].copy_from_slice(&value[..len]);
            }
            3 => {
                // One header over another: overlapping tables.
                let from = interesting(bytes, numbers);
                let len = (1 + numbers.below(64)).min(bytes.len() - at.max(from));
                bytes.copy_within(from..from + len, at);
            }
            4 => {
                let delta = numbers.next() as u8 % 16;
                bytes[at] = bytes[at].wrapping_add(delta);
            }
            _ => bytes.truncate(at.max(16)),
        }
    }
}

#[test]
fn files_cut_off_at_every_byte_are_never_called_clean() {
    let seeds = seeds();
    let small: Vec<_> = seeds.iter().filter(|(_, bytes)| bytes.len() < 20_000).collect();
    assert!(small.len() >= 20, "{} small binaries", small.len());
    let mut cuts = 0;
    // Of programs as many as there is time for, and both kinds of what the linker compiles.
    let codes = small.iter().filter(|(name, _)| name.starts_with("code"));
    let programs = small[..20].iter().step_by(if is_thorough() { 1 } else { 3 });
    for (name, bytes) in programs.chain(codes) {
        let (all, _) = judge(name, bytes.clone());
        assert!(all > 0, "{name} holds records");
        for len in 0..bytes.len() {
            let (records, told) = judge(name, bytes[..len].to_vec());
            assert!(
                records == all || told > 0,
                "{name} cut off at {len}: {records} of {all} records, and no word"
            );
            cuts += 1;
        }
    }
    println!("{cuts} truncations");
}

#[test]
fn mutants_neither_crash_nor_hang_the_tool() {
    let usual = if is_thorough() { 50_000 } else { 10_000 };
    let per_format: usize =
        env::var("LINKTAB_MUTANTS").ok().and_then(|count| count.parse().ok()).unwrap_or(usual);
    let seeds = seeds();
    for format in ["elf", "mach-o", "pe", "all", "universal", "code"] {
        let of_format: Vec<_> = seeds.iter().filter(|(name, _)| name.starts_with(format)).collect();
        let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
        let mut records = 0;
        for index in 0..per_format {
            let (name, bytes) = of_format[index % of_format.len()];
            let mut mutant = bytes.clone();
            mutate(&mut mutant, &mut numbers);
            records += usize::from(judge(name, mutant).0 > 0);
        }
        // Mutants that nobody gets past the header test nothing.
        println!("{format}: {per_format} mutants, {records} still with records");
        assert!(records > per_format / 10, "{format}: {records} of {per_format} mutants hold records");
    }
}

/// Runs the command itself, in an address space of 256 MB. The limit on processor time only ends what
/// would never end: a test is no stop-watch, on machines that others use too.
fn bounded(tool: &Path, name: &str, path: &Path) {
    let script = "ulimit -v 262144; ulimit -t 30; exec \"$0\" \"$@\"";
    let lock = path.with_extension("lock").display().to_string();
    let _ = fs::remove_file(&lock);
    fs::write(&lock, "version = 1\n").expect("the scratch folder is writable");
    let (file, check) = (path.display().to_string(), ["check", "--no-config", "--output-format"]);
    let formats = ["text", "concise", "json", "sarif", "github", "html"];
    let mut commands: Vec<Vec<&str>> =
        formats.iter().map(|format| [&check[..], &[format]].concat()).collect();
    commands.extend([
        vec!["list"],
        vec!["list", "--output-format", "json"],
        vec!["lock", "--check", "--lock", &lock],
        vec!["lock", "--lock", &lock],
        vec!["lock", "--check", "--lock", &lock],
        vec!["check", "--no-config", "--lock", &lock],
        vec!["diff", &file],
        vec!["needs"],
        vec!["needs", "--output-format", "json"],
    ]);
    for command in commands {
        let command_line = command.join(" ").replace(&lock, "app.lock").replace(&file, "app");
        let mut child = Command::new("sh")
            .args(["-c", script])
            .arg(tool)
            .args(&command)
            .arg(path)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a shell is there");
        let mut err = String::new();
        child.stderr.take().expect("a pipe").read_to_string(&mut err).expect("the command writes UTF-8");
        let used = child.wait4().expect("the command ends");
        let code = used.status.code();
        // As many as are allowed, and not one more: that is no bomb.
        assert!(name != "million" || code != Some(3), "{command_line}: {err}");
        // Killed by the limit, a panic (101) or an abort for want of memory all fail here.
        assert!(matches!(code, Some(0 | 1 | 3)), "{command_line} {name}: {:?}\n{err}", used.status);
        let time = used.rusage.utime + used.rusage.stime;
        println!("{command_line} {name}: exit {code:?}, {} ms of processor time", time.as_millis());
    }
}

#[test]
fn resource_bombs_are_refused_in_time() {
    let (tool, folder) = (handed_out("linktab"), scratch("bombs"));
    for (name, bytes, len) in bombs() {
        let path = folder.join(name);
        fs::write(&path, bytes).expect("the scratch folder is writable");
        if let Some(len) = len {
            let file = fs::OpenOptions::new().write(true).open(&path).expect("it was just written");
            file.set_len(len).expect("sparse files are allowed");
        }
        bounded(&tool, name, &path);
        fs::remove_file(&path).expect("it can be removed");
        fs::remove_file(path.with_extension("lock")).expect("it can be removed");
    }
}

/// What fuzzing starts from, and what it has found so far.
#[test]
fn seeds_of_the_fuzz_targets_are_read() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds");
    let mut told = Vec::new();
    for target in ["elf", "mach_o", "pe", "archive"] {
        for entry in fs::read_dir(seeds.join(target)).expect("the seeds are there") {
            let path = entry.expect("the seeds can be listed").path();
            let name = format!("{target}/{}", path.file_name().expect("a file").to_string_lossy());
            let outcome = read_bytes(&name, fs::read(path).expect("a seed"), &Limits::default());
            let records: usize = outcome.inventories.iter().map(|inventory| inventory.records.len()).sum();
            let errors: Vec<String> = outcome.errors.iter().map(ToString::to_string).collect();
            told.push(format!("{name}: {records} records {}", errors.join("; ")).trim_end().to_owned());
        }
    }
    told.sort();
    insta::assert_snapshot!(told.join("\n"));
}
