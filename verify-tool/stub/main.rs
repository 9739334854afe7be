//! What a program begins with that `linktab pack --compress=all` made: its own file in, the program that is compressed in
//! it out, in memory, and started in place of this one with the same arguments and environment.
//!
//! Has no standard library and no C library: it is built by `build.rs` for the machine that the command is built for, and
//! is a few kilobytes of every file. Where the program's file is, and where its Python code begins, it says in an
//! environment variable, which `linktab_finder::main()` takes away again (finder/src/python/handed_over.rs).

#![no_std]
#![no_main]

#[path = "../src/bytes/compressed/branches.rs"]
mod branches;
#[path = "../src/bytes/compressed/head.rs"]
mod head;
#[path = "../src/bytes/compressed/lzma.rs"]
mod lzma;
#[path = "memory.rs"]
mod memory;
#[path = "process.rs"]
mod process;
#[path = "system.rs"]
mod system;

use core::ffi::CStr;

use branches::Way;
use head::Head;
use process::Process;
use system::Descriptor;

#[cfg(target_arch = "x86_64")]
core::arch::global_asm!(
    ".globl _start",
    "_start:",
    "xor ebp, ebp",
    "mov rdi, rsp",
    "and rsp, -16",
    "call {begin}",
    begin = sym begin,
);

#[cfg(target_arch = "aarch64")]
core::arch::global_asm!(
    ".globl _start",
    "_start:",
    "mov x29, xzr",
    "mov x30, xzr",
    "mov x0, sp",
    "bl {begin}",
    begin = sym begin,
);

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    system::exit()
}

/// Nobody unwinds, and parts of `core` name who would.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

const OWN: &[u8] = b"/proc/self/exe\0";
const PATH_MAX: usize = 4096;

/// Why there is no program, and the number of the kernel's error if there is one.
struct Failure(&'static str, usize);

const UNREADABLE: &str = "cannot read its own file, in which its program is compressed: it has to be readable, and not only \
                          executable, and without /proc to be started by its path";
const GONE: &str = "its program is gone, which `linktab pack` compressed behind the part that starts it, or damaged: the file \
                    was cut off, or changed by a tool that drops what is behind an executable, as `strip` does: copy it \
                    again, or pack it again";
const DAMAGED: &str =
    "the program that is compressed in it is damaged: copy the file again, or pack it again";
const NO_MEMORY: &str = "there is no memory for its program";
const NO_FILE: &str = "the kernel makes no file in memory, into which its program is inflated (memfd_create): pack it with \
                       `--compress` in place of `--compress=all`";
const NO_START: &str = "the kernel starts no program from memory (execveat): pack it with `--compress` in place of \
                        `--compress=all`";
const NO_LOADER: &str = "the loader that its program asks for is not there: `linktab needs` says which";

/// # Safety
///
/// The kernel's description of a new process: count of arguments, arguments, environment, auxiliary vector.
unsafe extern "C" fn begin(stack: *const usize) -> ! {
    // SAFETY: the caller's promise.
    let process = unsafe { Process::of(stack) };
    let Err(Failure(why, error)) = start(&process);
    system::tell(b"linktab: ");
    system::tell(process.started_as().to_bytes());
    system::tell(b": ");
    system::tell(why.as_bytes());
    if error != 0 {
        let digits = [100, 10, 1].map(|place| b'0' + (error / place % 10) as u8);
        system::tell(b" (error ");
        system::tell(&digits);
        system::tell(b")");
    }
    system::tell(b"\n");
    system::exit()
}

enum Never {}

/// Becomes the program.
fn start(process: &Process) -> Result<Never, Failure> {
    let mut buffer = [0; PATH_MAX];
    let (file, path) = own_file(process, &mut buffer)?;
    let (bytes, head, end) = inner(process, file)?;
    let packed = end.checked_add(head.compressed as usize).and_then(|last| bytes.get(end..last));
    let packed = packed.ok_or(Failure(GONE, 0))?;
    let name = system::process_name();
    let program = system::file_in_memory(&name).map_err(|error| Failure(NO_FILE, error))?;
    let mut is_whole = false;
    let inflate = |bytes: &mut [u8]| is_whole = inflated(packed, &head, bytes).is_some();
    system::write_all(program, head.size as usize, inflate).map_err(|error| Failure(NO_MEMORY, error))?;
    if !is_whole {
        return Err(Failure(DAMAGED, 0));
    }
    let hand_over = |file| system::handed_over(file).map_err(|error| Failure(UNREADABLE, error));
    let numbers = [
        hand_over(file)?.0,
        hand_over(program)?.0,
        head.program as usize,
        head.rest_at as usize,
        head.rest as usize,
    ];
    system::close(file);
    let name = CStr::from_bytes_until_nul(&name).map_or(&b""[..], CStr::to_bytes);
    let environment = process.environment_and(numbers, name, path).ok_or(Failure(NO_MEMORY, 0))?;
    // SAFETY: the kernel's own list of arguments, and that of the environment with one more string.
    let error = unsafe { system::execute(program, process.arguments(), environment) };
    Err(Failure(if error == system::ENOENT { NO_LOADER } else { NO_START }, error))
}

/// The file that this program is in, and a path of it.
fn own_file<'b>(process: &'b Process, buffer: &'b mut [u8]) -> Result<(Descriptor, &'b [u8]), Failure> {
    match system::open(OWN) {
        Ok(file) => Ok((file, system::readlink(OWN, buffer).map_err(|error| Failure(UNREADABLE, error))?)),
        // Without `/proc`.
        Err(system::ENOENT) => {
            let path = process.started_as();
            let file = system::open(path.to_bytes_with_nul()).map_err(|error| Failure(UNREADABLE, error))?;
            Ok((file, path.to_bytes()))
        }
        Err(error) => Err(Failure(UNREADABLE, error)),
    }
}

/// The file in memory, what its head says, and where that ends.
fn inner(process: &Process, file: Descriptor) -> Result<(&'static [u8], Head, usize), Failure> {
    let size = system::size(file).map_err(|error| Failure(UNREADABLE, error))?;
    let bytes = system::map(file, size).map_err(|error| Failure(NO_MEMORY, error))?;
    let at = process.end_of_segments();
    let head = Head::parse(bytes, at).ok_or(Failure(GONE, 0))?;
    Ok((bytes, head, at + head::SIZE))
}

/// Writes the program, and into its mark what was put behind it; `None` where it is not what was packed.
fn inflated(packed: &[u8], head: &Head, bytes: &mut [u8]) -> Option<()> {
    lzma::decode(packed, bytes)?;
    let code_end = head.code_at.checked_add(head.code_size)?;
    let code = bytes.get_mut(head.code_at as usize..code_end as usize)?;
    if cfg!(target_arch = "x86_64") {
        branches::x86(code, Way::Relative);
    } else {
        branches::aarch64(code, Way::Relative);
    }
    if head::sum(bytes) != head.sum {
        return None;
    }
    let mark = bytes.get_mut(head.mark_at as usize..)?.get_mut(head::STATE..)?;
    mark.first_chunk_mut().map(|mark| *mark = head.mark)
}
