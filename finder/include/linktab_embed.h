/* linktab for C and C++ programs that embed Python.
 *
 * The functions come from a static library built from Rust: a crate of `crate-type = ["staticlib"]`
 * that depends on linktab-finder and on each extension crate, and names all of them in its lib.rs.
 * What no code names is not linked, these functions neither:
 *
 *     use ext_geo as _;
 *     use linktab_finder as _;
 *
 * Link the library whole, or the linker drops extensions without a word. -rdynamic lets shared
 * extensions of the standard library find CPython's symbols. In one line:
 *
 *     cc main.c $(python3-config --includes) -Wl,--whole-archive libapp.a -Wl,--no-whole-archive \
 *         -rdynamic $(python3-config --ldflags --embed) -ldl -lpthread -lm
 *
 * and on macOS with -Wl,-force_load,libapp.a for the three words about the archive.
 *
 * Shared objects may each have a table: link them with -Wl,-Bsymbolic, so that their calls stay inside.
 *
 * Both functions return 0, or -1 with the reason in linktab_error(). They set no Python exception.
 */
#ifndef LINKTAB_EMBED_H
#define LINKTAB_EMBED_H

#ifdef __cplusplus
extern "C" {
#endif

/* Checks the table and reserves what single-phase extensions need. Call it each time before Python
 * is initialised. */
int linktab_prepare(void);

/* Puts linktab's finders onto sys.meta_path of the current interpreter. Call it with Python
 * initialised and the GIL held, once in each interpreter. */
int linktab_install(void);

/* Why the last of these calls in this thread failed, or NULL if it did not; lives until the next. */
const char *linktab_error(void);

#ifdef __cplusplus
}
#endif

#endif
