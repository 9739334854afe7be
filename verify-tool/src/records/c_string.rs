//! An address in, the name that a C program has there out.

use linktab::layout::MAX_NAME_LEN;

use crate::error::Error;
use crate::image::Image;

/// The text up to its NUL; `None` when it is no name: not in the file, empty, too long, or not UTF-8.
pub fn c_string(image: &Image<'_>, address: u64) -> Result<Option<String>, Error> {
    let mut bytes = Vec::new();
    let len = image.segments.file_rest(address).min(MAX_NAME_LEN as u64 + 1);
    if len == 0 || !image.segments.read(&image.blocks, "a module name", address, len, &mut bytes)? {
        return Ok(None);
    }
    let Some(end) = memchr::memchr(0, &bytes) else { return Ok(None) };
    bytes.truncate(end);
    Ok(String::from_utf8(bytes).ok().filter(|name| !name.is_empty()))
}
