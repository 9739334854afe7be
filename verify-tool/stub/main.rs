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
#[path = "system.rs"]
mod system;

use core::ffi::CStr;

use branches::Way;
use head::Head;
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

/// As the variable is called, with what follows it (`linktab::layout::mark::VARIABLE`).
const VARIABLE: &[u8] = b"LINKTAB_PROGRAM=";
const OWN: &[u8] = b"/proc/self/exe\0";
const PATH_MAX: usize = 4096;

// Keys of the auxiliary vector (getauxval(3)).
const AT_PHDR: usize = 3;
const AT_PHNUM: usize = 5;
const AT_EXECFN: usize = 31;

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
    let handed = system::handed_over(file).map_err(|error| Failure(UNREADABLE, error))?;
    system::close(file);
    let name = CStr::from_bytes_until_nul(&name).map_or(&b""[..], CStr::to_bytes);
    let environment = process.environment_and(handed, name, path).ok_or(Failure(NO_MEMORY, 0))?;
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

/// What the kernel says of this process.
struct Process {
    /// Argument count, arguments, environment and auxiliary vector, one behind the other.
    stack: *const usize,
    environment: *const usize,
    auxiliary: *const usize,
}

impl Process {
    /// # Safety
    ///
    /// As of [`begin`]; the lists that are kept end with zeros.
    unsafe fn of(stack: *const usize) -> Process {
        // SAFETY: the caller's promise.
        let count = unsafe { stack.read() };
        // SAFETY: the arguments and a zero are behind the count.
        let environment = unsafe { stack.add(count + 2) };
        let mut auxiliary = environment;
        // SAFETY: the list ends with a zero, which is not passed.
        while unsafe { auxiliary.read() } != 0 {
            // SAFETY: as above.
            auxiliary = unsafe { auxiliary.add(1) };
        }
        // SAFETY: another list is behind the zero.
        let auxiliary = unsafe { auxiliary.add(1) };
        Process { stack, environment, auxiliary }
    }

    fn arguments(&self) -> *const usize {
        self.stack.wrapping_add(1)
    }

    /// A value of the auxiliary vector; 0 where it is not there.
    fn auxiliary(&self, key: usize) -> usize {
        let mut at = self.auxiliary;
        loop {
            // SAFETY: pairs, of which the last one has the key 0.
            let found = unsafe { at.read() };
            // SAFETY: as above.
            let value = unsafe { at.add(1).read() };
            if found == key || found == 0 {
                return if found == 0 { 0 } else { value };
            }
            at = at.wrapping_add(2);
        }
    }

    /// What the kernel was asked to start.
    fn started_as(&self) -> &CStr {
        match self.auxiliary(AT_EXECFN) {
            0 => c"this program",
            // SAFETY: the kernel put a terminated string there, which stays for the life of the process.
            path => unsafe { CStr::from_ptr(path as *const core::ffi::c_char) },
        }
    }

    /// Where in its file the last segment of this program ends.
    fn end_of_segments(&self) -> usize {
        /// `Elf64_Phdr` in words: type and flags, offset, two addresses, size in the file, and two more (gABI, "Program
        /// Header").
        type Header = [u64; 7];
        const PT_LOAD: u32 = 1;
        let (start, count) = (self.auxiliary(AT_PHDR) as *const Header, self.auxiliary(AT_PHNUM));
        let headers = if start.is_null() {
            &[]
        } else {
            // SAFETY: the kernel says so of this program's own headers, which are in one of its segments.
            unsafe { core::slice::from_raw_parts(start, count) }
        };
        let loaded = headers.iter().filter(|[kind, ..]| *kind as u32 == PT_LOAD);
        let end = loaded.map(|[_, offset, _, _, size, ..]| offset + size).max().unwrap_or_default();
        end.next_multiple_of(8) as usize
    }

    /// The environment with one variable more: descriptor, name of the process and path, with slashes between.
    fn environment_and(&self, file: Descriptor, name: &[u8], path: &[u8]) -> Option<*const usize> {
        let mut count = 0;
        // SAFETY: a list that ends with a zero.
        while unsafe { self.environment.add(count).read() } != 0 {
            count += 1;
        }
        let text = VARIABLE.len() + 20 + 1 + name.len() + 1 + path.len() + 1;
        let words = system::words(count + 2 + text.div_ceil(size_of::<usize>())).ok()?;
        let (list, text) = words.split_at_mut_checked(count + 2)?;
        let mut place = list.iter_mut();
        for index in 0..count {
            // SAFETY: within the list.
            let word = unsafe { self.environment.add(index).read() };
            // SAFETY: the kernel put a terminated string there.
            let variable = unsafe { CStr::from_ptr(word as *const core::ffi::c_char) };
            if !variable.to_bytes().starts_with(VARIABLE) {
                *place.next()? = word;
            }
        }
        *place.next()? = text.as_ptr() as usize;
        let mut digits = [0; 20];
        let parts = [VARIABLE, decimal(file.0, &mut digits), b"/", name, b"/", path];
        // SAFETY: the bytes of words that nobody else has.
        let bytes =
            unsafe { core::slice::from_raw_parts_mut(text.as_mut_ptr().cast::<u8>(), size_of_val(text)) };
        let mut place = bytes.iter_mut();
        for byte in parts.into_iter().flatten() {
            *place.next()? = *byte;
        }
        Some(list.as_ptr())
    }
}

fn decimal(mut number: usize, digits: &mut [u8; 20]) -> &[u8] {
    let mut start = digits.len();
    while let Some(digit) = start.checked_sub(1).and_then(|at| digits.get_mut(at)) {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
        start -= 1;
        if number == 0 {
            break;
        }
    }
    digits.get(start..).unwrap_or_default()
}
