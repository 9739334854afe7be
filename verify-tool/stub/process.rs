//! What the kernel tells a new process in, its arguments and the environment of the program that takes its place out.

use core::ffi::CStr;

use super::system;

/// As the variable is called, with what follows it (`linktab::layout::mark::VARIABLE`).
const VARIABLE: &[u8] = b"LINKTAB_PROGRAM=";
/// What the program is told of: the file, the program in memory, where the program ends in that, and where in the file the
/// archive's rest begins, and how long that is.
const NUMBERS: usize = 5;
/// The longest number.
const DIGITS: usize = 20;

// Keys of the auxiliary vector (getauxval(3)).
const AT_PHDR: usize = 3;
const AT_PHNUM: usize = 5;
const AT_EXECFN: usize = 31;

/// What the kernel says of this process.
pub struct Process {
    /// Argument count, arguments, environment and auxiliary vector, one behind the other.
    stack: *const usize,
    environment: *const usize,
    auxiliary: *const usize,
}

impl Process {
    /// # Safety
    ///
    /// The kernel's description of a new process: count of arguments, arguments, environment, auxiliary vector, of which each
    /// list ends with a zero.
    pub unsafe fn of(stack: *const usize) -> Process {
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

    pub fn arguments(&self) -> *const usize {
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
    pub fn started_as(&self) -> &CStr {
        match self.auxiliary(AT_EXECFN) {
            0 => c"this program",
            // SAFETY: the kernel put a terminated string there, which stays for the life of the process.
            path => unsafe { CStr::from_ptr(path as *const core::ffi::c_char) },
        }
    }

    /// Where in its file the last segment of this program ends.
    pub fn end_of_segments(&self) -> usize {
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

    /// The environment with one variable more: numbers, name of the process and path, with slashes between.
    pub fn environment_and(
        &self,
        numbers: [usize; NUMBERS],
        name: &[u8],
        path: &[u8],
    ) -> Option<*const usize> {
        let mut count = 0;
        // SAFETY: a list that ends with a zero.
        while unsafe { self.environment.add(count).read() } != 0 {
            count += 1;
        }
        let text = VARIABLE.len() + NUMBERS * (DIGITS + 1) + name.len() + 1 + path.len() + 1;
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
        // SAFETY: the bytes of words that nobody else has.
        let bytes =
            unsafe { core::slice::from_raw_parts_mut(text.as_mut_ptr().cast::<u8>(), size_of_val(text)) };
        let mut place = bytes.iter_mut();
        let mut write =
            |part: &[u8]| part.iter().try_for_each(|byte| place.next().map(|place| *place = *byte));
        write(VARIABLE)?;
        for number in numbers {
            write(decimal(number, &mut [0; DIGITS]))?;
            write(b"/")?;
        }
        [name, b"/", path].into_iter().try_for_each(write)?;
        Some(list.as_ptr())
    }
}

fn decimal(mut number: usize, digits: &mut [u8; DIGITS]) -> &[u8] {
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
