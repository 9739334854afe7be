/* linktab for C and C++ programs that embed Python.
 *
 * The functions come from a static library built from Rust, which depends on the crate
 * linktab-finder and names each extension crate: `use ext_geo as _;`. Link it whole, or the linker
 * drops extensions without a word:
 *
 *     cc main.c -Wl,--whole-archive libapp.a -Wl,--no-whole-archive -lpython3.13 ...
 *     clang main.c -Wl,-force_load,libapp.a ...                              (macOS)
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
