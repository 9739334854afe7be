//! The file that an address of the running process was loaded from: the program, or a shared object.

use core::ffi::c_void;
use core::ptr;

use linktab::Registry;

/// A file in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// Where it was loaded.
    base: usize,
    /// As the loader was told it; empty for the program.
    name: String,
}

impl Image {
    /// Nothing where nobody knows.
    #[cfg(target_os = "linux")]
    pub fn of(address: *const c_void) -> Option<Image> {
        let mut search = Search { address: address.addr(), found: None };
        // SAFETY: the loader calls `look` during this call only, and hands it the search.
        unsafe { libc::dl_iterate_phdr(Some(look), (&raw mut search).cast()) };
        search.found
    }

    /// Other systems have other loaders.
    #[cfg(not(target_os = "linux"))]
    pub fn of(_: *const c_void) -> Option<Image> {
        None
    }

    /// The file's path, or that it is the program.
    pub fn path(&self) -> &str {
        if self.name.is_empty() { "the program" } else { &self.name }
    }
}

/// The file that this code is in, and the one whose table is read.
pub fn here_and_table(registry: &'static Registry) -> (Option<Image>, Option<Image>) {
    /// Nobody outside this file can name it, so that no loader finds another's in its place.
    static HERE: u8 = 0;
    let record = registry.iter().next().map(|record| ptr::from_ref(record).cast());
    (Image::of(ptr::from_ref(&HERE).cast()), record.and_then(Image::of))
}

#[cfg(target_os = "linux")]
struct Search {
    address: usize,
    found: Option<Image>,
}

/// Whether a file has a segment around the address; not 0 ends the search (dl_iterate_phdr(3)).
#[cfg(target_os = "linux")]
unsafe extern "C" fn look(info: *mut libc::dl_phdr_info, _: usize, search: *mut c_void) -> core::ffi::c_int {
    // SAFETY: the loader's description of a file.
    let info = unsafe { &*info };
    // SAFETY: what `Image::of` passed, which nobody else uses meanwhile.
    let search = unsafe { &mut *search.cast::<Search>() };
    // SAFETY: the loader's headers of that file, and their number.
    let segments = unsafe { std::slice::from_raw_parts(info.dlpi_phdr, usize::from(info.dlpi_phnum)) };
    let base = info.dlpi_addr as usize;
    let holds_it = segments.iter().any(|segment| {
        let offset = search.address.wrapping_sub(base.wrapping_add(segment.p_vaddr as usize));
        segment.p_type == libc::PT_LOAD && offset < segment.p_memsz as usize
    });
    if !holds_it {
        return 0;
    }
    // SAFETY: a terminated string, while the file is loaded.
    let name = unsafe { std::ffi::CStr::from_ptr(info.dlpi_name) }.to_string_lossy().into_owned();
    search.found = Some(Image { base, name });
    1
}
