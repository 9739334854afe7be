//! Hostile bytes: whatever comes in, the tool ends, soon and without a panic, and what it could not
//! read it never calls clean.
//!
//! `LINKTAB_MUTANTS` says how many mutants each format gets: 50,000 in CI, a million in a longer job.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use linktab_tests::verify::targets::Target;
use linktab_tests::verify::{must, scratch};
use linktab_verify::{Expected, Limits, check, read_bytes};

/// Builds small binaries, objects and archives of every format that can be linked here.
fn seeds() -> Vec<(String, Vec<u8>)> {
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
    seeds.push(("universal".to_owned(), universal(&seeds)));
    seeds
}

/// Two Mach-O files behind a universal header (mach-o/fat.h), big-endian on every machine.
fn universal(seeds: &[(String, Vec<u8>)]) -> Vec<u8> {
    let wanted =
        |start: &str| seeds.iter().find(|(name, _)| name.starts_with(start) && !name.ends_with(".o"));
    let slices = [wanted("mach-o-arm64-chained"), wanted("mach-o-x86-64-chained")];
    let cpus = [0x0100_000c_u32, 0x0100_0007];
    let mut header = vec![0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 2];
    let mut body: Vec<u8> = vec![0; 0x1000 - 48];
    for (slice, cpu) in slices.into_iter().zip(cpus) {
        let bytes = slice.map(|(_, bytes)| bytes.clone()).unwrap_or_default();
        let offset = 48 + body.len();
        for field in [cpu, 0, offset as u32, bytes.len() as u32, 12] {
            header.extend(field.to_be_bytes());
        }
        body.extend(bytes);
        body.resize(body.len().next_multiple_of(16), 0);
    }
    header.extend(body);
    header
}

/// Reads and judges; the only thing asked is that it ends.
fn judge(name: &str, bytes: Vec<u8>) -> (usize, usize) {
    let outcome = read_bytes(name, bytes, &Limits::default());
    let findings = check(&outcome.inventories, &Expected::default());
    let records = outcome.inventories.iter().map(|inventory| inventory.records.len()).sum();
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
    for (name, bytes) in &small[..20] {
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
    println!("{cuts} truncations of {} binaries", small.len().min(20));
}

#[test]
fn mutants_neither_crash_nor_hang_the_tool() {
    let per_format: usize =
        env::var("LINKTAB_MUTANTS").ok().and_then(|count| count.parse().ok()).unwrap_or(50_000);
    let seeds = seeds();
    for format in ["elf", "mach-o", "pe", "all", "universal"] {
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

/// Runs the command itself, in an address space of 256 MB and with two seconds of processor time.
fn bounded(name: &str, path: &Path) {
    let tool = linktab();
    let script = "ulimit -v 262144; ulimit -t 2; exec \"$0\" \"$@\"";
    for command in ["list", "check"] {
        let output = Command::new("sh")
            .args(["-c", script])
            .arg(&tool)
            .arg(command)
            .arg(path)
            .output()
            .expect("a shell is there");
        let code = output.status.code();
        let err = String::from_utf8_lossy(&output.stderr);
        // Killed by the limit, a panic (101) or an abort for want of memory all fail here.
        assert!(matches!(code, Some(0 | 1 | 3)), "{command} {name}: {:?}\n{err}", output.status);
        println!("{command} {name}: exit {code:?}");
    }
}

/// The command, built for release as users have it.
fn linktab() -> PathBuf {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--release", "-p", "linktab-verify", "--bin", "linktab"]);
    cargo.arg("--manifest-path").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml"));
    must(&mut cargo);
    linktab_tests::verify::target().join("release/linktab")
}

#[test]
fn resource_bombs_are_refused_in_time() {
    let folder = scratch("bombs");
    for (name, bytes, len) in bombs() {
        let path = folder.join(name);
        fs::write(&path, bytes).expect("the scratch folder is writable");
        if let Some(len) = len {
            let file = fs::OpenOptions::new().write(true).open(&path).expect("it was just written");
            file.set_len(len).expect("sparse files are allowed");
        }
        bounded(name, &path);
        fs::remove_file(path).expect("it can be removed");
    }
}

/// Name, beginning of the file, and the length that it is extended to with a hole.
type Bomb = (&'static str, Vec<u8>, Option<u64>);

fn bombs() -> Vec<Bomb> {
    let huge = 8 << 30;
    vec![
        ("sparse", elf(&[]), Some(huge)),
        ("too-large", elf(&[]), Some(huge + 1)),
        ("records", many_records(1_000_000, false), None),
        ("overlapping-names", many_records(1_000_000, true), None),
        ("scattered-names", scattered_records(1_000_000), Some(huge)),
        ("relocations", elf(&[dynamic(0x1000, huge - 0x2000)]), Some(huge)),
        ("sections", many_sections(u32::MAX), Some(huge)),
        ("archive-members", members(2_000_000), None),
        ("slices", slices(u32::MAX), Some(huge)),
        ("nested-archives", nested(2_000), None),
    ]
}

const TABLE: u64 = 0x1000;

/// A little-endian 64-bit ELF file: header, program headers, and whatever the parts ask for.
fn elf(parts: &[Vec<u8>]) -> Vec<u8> {
    let mut file = vec![0_u8; TABLE as usize];
    file[..16].copy_from_slice(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0");
    put(&mut file, 16, &3_u16.to_le_bytes());
    put(&mut file, 18, &62_u16.to_le_bytes());
    put(&mut file, 20, &1_u32.to_le_bytes());
    put(&mut file, 32, &64_u64.to_le_bytes());
    put(&mut file, 52, &64_u16.to_le_bytes());
    put(&mut file, 54, &56_u16.to_le_bytes());
    put(&mut file, 56, &(1 + parts.len() as u16).to_le_bytes());
    put(&mut file, 58, &64_u16.to_le_bytes());
    // PT_LOAD of everything.
    let load = program(1, 5, 0, u64::MAX >> 16);
    put(&mut file, 64, &load);
    for (index, part) in parts.iter().enumerate() {
        put(&mut file, 64 + 56 * (index + 1), &part[..56]);
        put(&mut file, 0x800, &part[56..]);
    }
    file
}

fn put(file: &mut [u8], at: usize, bytes: &[u8]) {
    file[at..at + bytes.len()].copy_from_slice(bytes);
}

fn program(kind: u32, flags: u32, offset: u64, size: u64) -> Vec<u8> {
    let mut header = Vec::new();
    header.extend(kind.to_le_bytes());
    header.extend(flags.to_le_bytes());
    for field in [offset, offset, offset, size, size, 0x1000] {
        header.extend(field.to_le_bytes());
    }
    header
}

/// A dynamic section at 0x800 with one table of relocations.
fn dynamic(address: u64, size: u64) -> Vec<u8> {
    let mut part = program(2, 6, 0x800, 64);
    for word in [7, address, 8, size, 9, 24, 0, 0] {
        part.extend(word.to_le_bytes());
    }
    part
}

/// A file whose section headers stand behind a table of records.
fn with_table(records: Vec<u8>, strings: &[u8]) -> Vec<u8> {
    let mut file = elf(&[]);
    let size = records.len() as u64;
    file.extend(records);
    file.extend(strings);
    let names = file.len() as u64;
    file.extend(b"\0linkme_LINKTAB\0");
    let headers = file.len() as u64;
    let mut section = |name: u32, kind: u32, offset: u64, size: u64| {
        file.extend(name.to_le_bytes());
        file.extend(kind.to_le_bytes());
        for field in [3, offset, offset, size, 0, 8, 0] {
            file.extend(u64::to_le_bytes(field));
        }
    };
    section(0, 0, 0, 0);
    section(1, 1, TABLE, size);
    section(0, 3, names, 16);
    put(&mut file, 40, &headers.to_le_bytes());
    put(&mut file, 60, &3_u16.to_le_bytes());
    put(&mut file, 62, &2_u16.to_le_bytes());
    file
}

fn record(name: u64, len: u32, origin: u64, origin_len: u32) -> [u8; 64] {
    let mut record = [0; 64];
    put(&mut record, 0, &0x4c4b_5442_u32.to_le_bytes());
    put(&mut record, 4, &[1, 0, 1, 0]);
    put(&mut record, 8, &name.to_le_bytes());
    put(&mut record, 16, &0x40_u64.to_le_bytes());
    put(&mut record, 24, &origin.to_le_bytes());
    put(&mut record, 32, &len.to_le_bytes());
    put(&mut record, 36, &origin_len.to_le_bytes());
    record
}

/// Records that share their texts: short ones, or as long as allowed and each a byte further on.
fn many_records(count: u64, long: bool) -> Vec<u8> {
    let strings = TABLE + 64 * count;
    let text = vec![b'a'; 2_000_000];
    let records = (0..count).flat_map(|index| {
        if long {
            record(strings + index % 1000, 1024, strings + index % 1000, 16 * 1024)
        } else {
            record(strings, 3, 0, 0)
        }
    });
    with_table(records.collect(), &text)
}

/// Records whose names lie all over the file.
fn scattered_records(count: u64) -> Vec<u8> {
    let records =
        (0..count).flat_map(|index| record((index * 7919 % 500_000) * 16_384 + 0x500_0000, 8, 0, 0));
    with_table(records.collect(), &[])
}

/// A section header table whose length stands in its first entry (gABI, "ELF Header", e_shnum).
fn many_sections(count: u32) -> Vec<u8> {
    let mut file = elf(&[]);
    put(&mut file, 40, &0x800_u64.to_le_bytes());
    put(&mut file, 0x800 + 32, &u64::from(count).to_le_bytes());
    file
}

fn member(name: &str, size: usize) -> Vec<u8> {
    format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{size:<10}`\n", 0, 0, 0, 644).into_bytes()
}

fn members(count: usize) -> Vec<u8> {
    let mut archive = b"!<arch>\n".to_vec();
    (0..count).for_each(|_| archive.extend(member("a.o/", 0)));
    archive
}

fn nested(depth: usize) -> Vec<u8> {
    let mut archive = b"!<arch>\n".to_vec();
    for _ in 0..depth {
        let mut outer = b"!<arch>\n".to_vec();
        outer.extend(member("a.a/", archive.len()));
        outer.extend(&archive);
        archive = outer;
    }
    archive
}

fn slices(count: u32) -> Vec<u8> {
    let mut file = vec![0xca, 0xfe, 0xba, 0xbf];
    file.extend(count.to_be_bytes());
    file
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
