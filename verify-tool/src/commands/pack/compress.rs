//! The copy of an executable in, the same behind a stub that inflates it when it is started out. LZMA comes from the Python
//! that is packed, or from `xz`: for each it is the work of liblzma, and the bytes are the same.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::process::{Command, Stdio};
use std::thread;

use super::super::Stop;
use super::input::Input;
use super::output::Part;
use super::without_settings;
use crate::Limits;
use crate::bytes::Input as Bytes;
use crate::bytes::compressed::branches::Way;
use crate::bytes::compressed::head::{self, Head};
use crate::bytes::compressed::{filter, lzma};
use crate::image;

/// `build.rs` made it; empty where it could not.
const STUB: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/stub"));

/// To be called before anything is put behind the copy.
pub fn check(part: &Part, mark: u64) -> Result<(), Stop> {
    let program = fs::read(part.path()).map_err(|error| usage(error.to_string()))?;
    refusal(program, mark).map_err(usage)
}

/// With the archive behind it, of which everything from an offset in the file on is compressed with the executable. Returns
/// where the mark is by now: in the head.
pub fn compress(part: &mut Part, input: &Input, mark: u64, tail: u64) -> Result<u64, Stop> {
    let failed = |error: io::Error| usage(error.to_string());
    let read = || {
        let mut file = File::open(part.path())?;
        let mut bytes = Vec::new();
        (&file).take(part.start()).read_to_end(&mut bytes)?;
        file.seek(SeekFrom::Start(tail))?;
        file.read_to_end(&mut bytes).map(|_| bytes)
    };
    let mut bytes = read().map_err(failed)?;
    room(&bytes).map_err(usage)?;
    // Whoever tried the program has written there.
    let state = mark as usize + head::STATE;
    bytes.get_mut(state..state + head::STATE_SIZE).unwrap_or_default().fill(0);
    let (code_at, code_size) = code(&bytes).unwrap_or_default();
    let mut head = Head {
        size: bytes.len() as u64,
        sum: head::sum(&bytes),
        mark_at: mark,
        code_at: code_at as u64,
        code_size: code_size as u64,
        program: part.start(),
        rest: tail - part.start(),
        ..Head::default()
    };
    let machine = bytes.get(MACHINE..MACHINE + 2).unwrap_or_default().to_vec();
    filter(&machine, bytes.get_mut(code_at..code_at + code_size).unwrap_or_default(), Way::Absolute);
    let packed = encode(&bytes, input)?;
    let mut decoded = vec![0; bytes.len()];
    if lzma::decode(&packed, &mut decoded).is_none() || decoded != bytes {
        return Err(usage("liblzma made something that the stub does not inflate".to_owned()));
    }
    head.compressed = packed.len() as u64;
    let end = STUB.len() + head::SIZE + packed.len();
    // The program maps the rest to where it was, which goes by pages.
    let room = (part.start() as usize).wrapping_sub(end) % PAGE;
    head.rest_at = (end + room) as u64;
    let front = [STUB, &head.bytes(), &packed, &[0; PAGE][..room]].concat();
    part.replace(&front, part.start()..tail, STUB.len() as u64).map_err(failed)?;
    Ok(STUB.len() as u64)
}

/// What most machines have; where they are larger, the program reads what it does not map (finder/src/python/pieces.rs).
const PAGE: usize = 4096;

fn usage(why: String) -> Stop {
    Stop::Usage(format!("--compress=all: {why}"))
}

/// Where an ELF header names its machine (gABI, "ELF Header").
const MACHINE: usize = 18;

const INSTEAD: &str = "compress the archive alone, with `--compress`";

/// Whether so much is inflated at all.
fn room(bytes: &[u8]) -> Result<(), String> {
    let most = Limits::default().program;
    if bytes.len() as u64 <= most {
        return Ok(());
    }
    Err(format!(
        "the executable has {} bytes, and at most {most} are inflated: strip it, with `--strip`, or {INSTEAD}",
        bytes.len()
    ))
}

/// Why a program cannot be compressed, or started from memory then.
fn refusal(program: Vec<u8>, mark: u64) -> Result<(), String> {
    if STUB.is_empty() {
        return Err(format!(
            "this `linktab` was built without the stub that starts such a program, which is there for Linux on x86-64 and \
             AArch64: {INSTEAD}"
        ));
    }
    if program.get(..6) != STUB.get(..6)
        || program.get(MACHINE..MACHINE + 2) != STUB.get(MACHINE..MACHINE + 2)
    {
        return Err(format!(
            "the executable is for another machine than the stub that is to start it, which is for {}: {INSTEAD}",
            std::env::consts::ARCH
        ));
    }
    room(&program)?;
    if mark as usize + head::STATE + head::STATE_SIZE > program.len() {
        return Err(format!("the executable is damaged: {INSTEAD}"));
    }
    let bytes = Bytes::from_bytes(program, &Limits::default()).map_err(|error| error.to_string())?;
    let loading = image::loading_of(bytes.bytes()).map_err(|error| error.to_string())?;
    let of_origin = loading.into_iter().flat_map(|loading| loading.search);
    match of_origin.into_iter().find(|folder| folder.contains("$ORIGIN") || folder.contains("${ORIGIN}")) {
        Some(folder) => Err(format!(
            "the executable looks for libraries beside its own file, in {}, and one that runs from memory is beside none: \
             {INSTEAD}",
            crate::plain::plain(&folder)
        )),
        None => Ok(()),
    }
}

/// Where its machine code is, and how long that is: the segment that may be executed (gABI, "Program Header").
fn code(program: &[u8]) -> Option<(usize, usize)> {
    let word = |at: usize| Some(u16::from_le_bytes(*program.get(at..)?.first_chunk()?));
    let long = |at: usize| Some(u64::from_le_bytes(*program.get(at..)?.first_chunk()?) as usize);
    let headers = long(32)?;
    let count = usize::from(word(56)?);
    let mut segments = (0..count).filter_map(|index| headers.checked_add(index * 56));
    let at = segments.find(|at| word(*at) == Some(1) && word(*at + 4).is_some_and(|flags| flags & 1 != 0))?;
    let (start, size) = (long(at + 8)?, long(at + 32)?);
    program.get(start..start.checked_add(size)?).map(|_| (start, size))
}

/// As `lzma.rs` wants it.
fn encode(program: &[u8], input: &Input) -> Result<Vec<u8>, Stop> {
    let dictionary = program.len().next_power_of_two().clamp(1 << 16, 1 << 26);
    let (context, position) = (lzma::LITERAL_CONTEXT, lzma::POSITION);
    let code = format!(
        "import lzma, sys
lzma = lzma.compress(sys.stdin.buffer.read(), lzma.FORMAT_RAW, filters=[{{'id': lzma.FILTER_LZMA1, 'preset': 9 | \
         lzma.PRESET_EXTREME, 'dict_size': {dictionary}, 'lc': {context}, 'lp': 0, 'pb': {position}}}])
sys.stdout.buffer.write(lzma)"
    );
    let mut python = Command::new(&input.path);
    without_settings(&mut python);
    python.args(["-S", "-B", "-I", "-c", &code]);
    let mut xz = Command::new("xz");
    xz.args(["--format=raw", "--stdout", "--no-adjust"]);
    xz.arg(format!("--lzma1=preset=9e,dict={dictionary},lc={context},lp=0,pb={position}"));
    [python, xz].into_iter().find_map(|mut encoder| through(&mut encoder, program).ok()).ok_or_else(|| {
        Stop::Usage(
            "--compress=all: needs the module `lzma` in the executable's Python, or `xz`, and neither is there (Debian: \
             xz-utils)"
                .to_owned(),
        )
    })
}

/// What a program makes of these bytes.
fn through(command: &mut Command, bytes: &[u8]) -> io::Result<Vec<u8>> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn()?;
    let mut stdin = child.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
    let (written, output) = thread::scope(|scope| {
        // Closes it at the end.
        let writer = scope.spawn(move || stdin.write_all(bytes));
        let output = child.wait_with_output();
        (writer.join(), output)
    });
    let output = output?;
    match written {
        Ok(Ok(())) if output.status.success() => Ok(output.stdout),
        _ => Err(io::ErrorKind::Other.into()),
    }
}
