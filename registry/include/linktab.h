/* linktab.h: registers statically linked Python extensions from C and C++ of any standard (GCC, Clang).
 *
 *     #include <Python.h>
 *     #include <linktab.h>
 *
 *     LINKTAB_INIT_FUNC PyInit__native(void) { return PyModuleDef_Init(&module); }
 *
 *     LINKTAB_MODULE("acme.fast._native", PyInit__native, LINKTAB_MULTI)
 *
 * at file scope puts one record beside the code, in the section that the Rust crate `linktab` reads.
 * Nothing runs before main. The layout is that of registry/src/layout.rs; a test compares the two.
 * Several such files may be #included into one (a unity build), and macros may hold several modules.
 *
 * Include Python.h first: the record then says which CPython it was compiled for, and an executable
 * with another one refuses it with a sentence instead of crashing.
 *
 * Wheel or executable: LINKTAB_INIT_FUNC is `static PyObject *`, so that two packages with a `_native`
 * each can be linked into one executable. Compile a wheel with -DLINKTAB_WHEEL: then it is
 * PyMODINIT_FUNC, and an ordinary `python` finds the function. Where a generator such as Cython wrote
 * it, compile its file and the record's with -DPyInit__native=PyInit_acme_fast_native instead, and a
 * wheel without.
 *
 * Provenance: compile with -DLINKTAB_ORIGIN_PACKAGE='"acme-fast"' -DLINKTAB_ORIGIN_VERSION='"1.2.0"'.
 * File and line are known anyway.
 *
 * In an archive (.a), a member that only holds a record is not pulled into a link. Keep the record in
 * the file of its init function, or link with --whole-archive; `linktab check` tells.
 */
#ifndef LINKTAB_H
#define LINKTAB_H

#include <stdint.h>

#if !defined(__GNUC__)
#error "linktab.h needs GCC or Clang: the record has to be placed in a section of its own"
#endif

#define LINKTAB_MAGIC 0x4c4b5442u
#define LINKTAB_ABI_VERSION 1

/* Third argument of LINKTAB_MODULE: how the init function answers. */
#define LINKTAB_MULTI 1  /* PyInit_* returns a PyModuleDef (PEP 489, multi-phase) */
#define LINKTAB_SINGLE 2 /* PyInit_* returns a finished module (single-phase) */
#define LINKTAB_EXPORT 3 /* PyModExport_* returns module slots (PEP 793) */

/* Add it to the third argument when the extension is itself a package: LINKTAB_MULTI | LINKTAB_PACKAGE */
#define LINKTAB_PACKAGE 0x100

#ifndef LINKTAB_ORIGIN_PACKAGE
#define LINKTAB_ORIGIN_PACKAGE ""
#endif
#ifndef LINKTAB_ORIGIN_VERSION
#define LINKTAB_ORIGIN_VERSION ""
#endif

/* A pointer takes eight bytes; on 32-bit targets the last four are 0. */
#if UINTPTR_MAX > 0xffffffffu
#define LINKTAB_FIELD(declaration, padding) declaration;
#define LINKTAB_POINTER(value) (value)
#else
#define LINKTAB_FIELD(declaration, padding) \
    declaration;                            \
    uint32_t padding;
#define LINKTAB_POINTER(value) (value), 0u
#endif

typedef struct linktab_record {
    uint32_t magic;
    uint16_t abi;
    uint8_t phase;
    uint8_t flags;
    LINKTAB_FIELD(const char *name, name_padding)
    LINKTAB_FIELD(void *(*init)(void), init_padding)
    LINKTAB_FIELD(const char *origin, origin_padding)
    uint32_t name_len;
    uint32_t origin_len;
    uint64_t hash; /* 0: computed when the table is indexed, which a start-up pays for */
    uint32_t python;
    uint32_t build_flags;
    uint32_t word;
    uint32_t reserved;
} linktab_record;

#if defined(__APPLE__)
#define LINKTAB_SECTION "__DATA,__linkmekOkYfEtH,regular,no_dead_strip"
#elif defined(_WIN32)
#define LINKTAB_SECTION ".linkme_LINKTAB$b"
#else
#define LINKTAB_SECTION "linkme_LINKTAB"
#endif

/* `used` keeps the record through the compiler, `retain` through the linker's garbage collection.
 * GCC before 11 and Clang before 13 have no `retain`; with lld, link with -z nostart-stop-gc then. */
#if defined(__has_attribute)
#if __has_attribute(retain) && !defined(__APPLE__) && !defined(_WIN32)
#define LINKTAB_KEEP used, retain
#endif
#endif
#ifndef LINKTAB_KEEP
#define LINKTAB_KEEP used
#endif

#define LINKTAB_STRING_(text) #text
#define LINKTAB_STRING(text) LINKTAB_STRING_(text)
#define LINKTAB_JOIN_(a, b) a##b
#define LINKTAB_JOIN(a, b) LINKTAB_JOIN_(a, b)

#define LINKTAB_ORIGIN \
    LINKTAB_ORIGIN_PACKAGE "\n" LINKTAB_ORIGIN_VERSION "\n" __FILE__ "\n" LINKTAB_STRING(__LINE__)

#ifdef __cplusplus
#define LINKTAB_C extern "C"
#define LINKTAB_CAST(type, value) static_cast<type>(value)
#define LINKTAB_ERASE(function) reinterpret_cast<void *(*)(void)>(function)
#else
#define LINKTAB_C extern
#define LINKTAB_CAST(type, value) ((type)(value))
#define LINKTAB_ERASE(function) ((void *(*)(void))(function))
#endif

/* Windows exports nothing by itself, and its GCC warns of the attribute. */
#if defined(_WIN32)
#define LINKTAB_HIDDEN
#else
#define LINKTAB_HIDDEN __attribute__((visibility("hidden")))
#endif

/* The marker makes two extensions of one name two definitions of one symbol. */
#define LINKTAB_MARKER(NAME, unique)                                                              \
    LINKTAB_C const char LINKTAB_JOIN(linktab_marker_, unique)                                    \
        __asm__(LINKTAB_STRING(__USER_LABEL_PREFIX__) "__linktab_mod$" NAME) LINKTAB_HIDDEN;      \
    const char LINKTAB_JOIN(linktab_marker_, unique) = 0;

/* The hash of the name, as registry/src/hash.rs computes it, for the compiler to fold: the sum of its
 * words of eight bytes, the first in the lowest byte, each times a power of the base. Zeros are behind
 * the end. Names of over 48 bytes, and those that are not ASCII in components parted by single dots,
 * get 0: the runtime looks at them.
 *
 * Each word has a variable of its own: with the name spelled out wherever a byte of it is looked at, a
 * file of 10,000 modules would compile for minutes. */
#define LINKTAB_SUM(w0, w1, w2, w3, w4, w5)                                               \
    ((w0) * 0x9e3779b97f4a7c15u + (w1) * 0xdf442d22ce4859b9u +                            \
     (w2) * 0x604a5ce3addef82du + (w3) * 0xd94363fc538227b1u +                            \
     (w4) * 0x2e2b795f2d10fd85u + (w5) * 0x4be7956e30a337e9u)

/* Of all eight bytes at once: the highest bit of those that are zero or a dot (or what no identifier
 * has: 2, 4, 8, a space and their like); then of dots before another or before the end. */
#define LINKTAB_HIGH 0x8080808080808080u
#define LINKTAB_ENDS(word)                                                                \
    (~((((word) & 0x5151515151515151u) + 0x7f7f7f7f7f7f7f7fu) | (word)) & LINKTAB_HIGH)
#define LINKTAB_DOTS(word, next)                                                          \
    (LINKTAB_ENDS(word) & (word) << 2 & (LINKTAB_ENDS(word) >> 8 | LINKTAB_ENDS(next) << 56))
#define LINKTAB_FOLD(size, w0, w1, w2, w3, w4, w5)                                        \
    ((size) > 49 || ((w0) & 0xff) == '.' ||                                               \
             (((w0 | w1 | w2 | w3 | w4 | w5) & LINKTAB_HIGH) | LINKTAB_DOTS(w0, w1) |     \
              LINKTAB_DOTS(w1, w2) | LINKTAB_DOTS(w2, w3) | LINKTAB_DOTS(w3, w4) |        \
              LINKTAB_DOTS(w4, w5) |                                                      \
              (LINKTAB_ENDS(w5) & (w5) << 2 & (LINKTAB_ENDS(w5) >> 8 | 1ull << 63))) != 0 \
         ? 0u                                                                             \
         : LINKTAB_SUM(w0, w1, w2, w3, w4, w5))

#if defined(__cplusplus) && __cplusplus >= 201103L
constexpr uint64_t linktab_byte(const char *name, uint32_t size, uint32_t at)
{
    return at < size ? static_cast<uint64_t>(static_cast<unsigned char>(name[at])) << at % 8 * 8 : 0;
}
constexpr uint64_t linktab_word(const char *name, uint32_t size, uint32_t at)
{
    return linktab_byte(name, size, at) | linktab_byte(name, size, at + 1) |
           linktab_byte(name, size, at + 2) | linktab_byte(name, size, at + 3) |
           linktab_byte(name, size, at + 4) | linktab_byte(name, size, at + 5) |
           linktab_byte(name, size, at + 6) | linktab_byte(name, size, at + 7);
}
constexpr uint64_t linktab_fold(uint32_t size, uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3,
                                uint64_t w4, uint64_t w5)
{
    return LINKTAB_FOLD(size, w0, w1, w2, w3, w4, w5);
}
constexpr uint64_t linktab_hash(const char *name, uint32_t size)
{
    return linktab_fold(size, linktab_word(name, size, 0), linktab_word(name, size, 8),
                        linktab_word(name, size, 16), linktab_word(name, size, 24),
                        linktab_word(name, size, 32), linktab_word(name, size, 40));
}
#define LINKTAB_HASH(NAME, unique)                                                        \
    static constexpr uint64_t LINKTAB_JOIN(linktab_hash_, unique) =                       \
        linktab_hash("" NAME, LINKTAB_CAST(uint32_t, sizeof("" NAME)));
#elif !defined(__cplusplus) && defined(__STDC_VERSION__) && __STDC_VERSION__ >= 199901L && \
    (defined(__clang__) || __GNUC__ >= 8)
/* The text is the name and 48 zeros, so that every place is in it. The sum of a name that is not ASCII
 * borrows where `char` is signed, and the lowest such byte keeps its highest bit all the same. */
#define LINKTAB_PADDING                                                                   \
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"                                    \
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define LINKTAB_WORD(TEXT, at, word)                                                      \
    static const uint64_t word =                                                          \
        (uint64_t)TEXT[at] + ((uint64_t)TEXT[at + 1] << 8) +                              \
        ((uint64_t)TEXT[at + 2] << 16) + ((uint64_t)TEXT[at + 3] << 24) +                 \
        ((uint64_t)TEXT[at + 4] << 32) + ((uint64_t)TEXT[at + 5] << 40) +                 \
        ((uint64_t)TEXT[at + 6] << 48) + ((uint64_t)TEXT[at + 7] << 56);
#define LINKTAB_WORDS(TEXT, size, hash, w0, w1, w2, w3, w4, w5)                           \
    LINKTAB_WORD(TEXT, 0, w0)                                                             \
    LINKTAB_WORD(TEXT, 8, w1)                                                             \
    LINKTAB_WORD(TEXT, 16, w2)                                                            \
    LINKTAB_WORD(TEXT, 24, w3)                                                            \
    LINKTAB_WORD(TEXT, 32, w4)                                                            \
    LINKTAB_WORD(TEXT, 40, w5)                                                            \
    static const uint64_t hash = LINKTAB_FOLD(size, w0, w1, w2, w3, w4, w5);
#define LINKTAB_HASH(NAME, unique)                                                        \
    LINKTAB_WORDS(NAME LINKTAB_PADDING, sizeof("" NAME), LINKTAB_JOIN(linktab_hash_, unique), \
                  LINKTAB_JOIN(linktab_w0_, unique), LINKTAB_JOIN(linktab_w1_, unique),   \
                  LINKTAB_JOIN(linktab_w2_, unique), LINKTAB_JOIN(linktab_w3_, unique),   \
                  LINKTAB_JOIN(linktab_w4_, unique), LINKTAB_JOIN(linktab_w5_, unique))
#else
/* In C, GCC before 8 takes no variable in an initialiser; C89 and C++98 have no number of 64 bits. */
#define LINKTAB_HASH(NAME, unique) enum { LINKTAB_JOIN(linktab_hash_, unique) = 0 };
#endif

/* `aligned` stands on the variable: GCC raises the alignment of objects of some sizes by itself, and
 * the records would not lie side by side. */
#define LINKTAB_RECORD(NAME, INIT, PHASE, unique)                                               \
    typedef char LINKTAB_JOIN(linktab_name_is_1_to_1024_bytes_,                                 \
                              unique)[(sizeof("" NAME) > 1 && sizeof("" NAME) <= 1025) ? 1 : -1];\
    LINKTAB_MARKER(NAME, unique)                                                                \
    LINKTAB_HASH(NAME, unique)                                                                  \
    static linktab_record LINKTAB_JOIN(linktab_record_, unique)                                 \
        __attribute__((section(LINKTAB_SECTION), LINKTAB_KEEP, aligned(8))) = {                 \
            LINKTAB_MAGIC,                                                                      \
            LINKTAB_ABI_VERSION,                                                                \
            LINKTAB_CAST(uint8_t, (PHASE) & 0xff),                                              \
            LINKTAB_CAST(uint8_t, ((PHASE) >> 8) & 0xff),                                       \
            LINKTAB_POINTER("" NAME),                                                           \
            LINKTAB_POINTER(LINKTAB_ERASE(INIT)),                                               \
            LINKTAB_POINTER(LINKTAB_ORIGIN),                                                    \
            LINKTAB_CAST(uint32_t, sizeof("" NAME) - 1),                                        \
            LINKTAB_CAST(uint32_t, sizeof(LINKTAB_ORIGIN) - 1),                                 \
            LINKTAB_JOIN(linktab_hash_, unique),                                                \
            LINKTAB_PYTHON,                                                                     \
            LINKTAB_FREE_THREADED | LINKTAB_DEBUG | LINKTAB_LIMITED_API,                        \
            0u,                                                                                 \
            0u};

/* Registers the extension NAME (a string literal, the full dotted name). INIT is its init function
 * or export hook, declared above. A part may begin with a digit or be a keyword, as of mypyc's helper
 * modules: `importlib.import_module` imports those, and no `import` statement. */
#define LINKTAB_MODULE(NAME, INIT, PHASE) LINKTAB_RECORD(NAME, INIT, PHASE, __COUNTER__)

/* The same for an init function that is defined elsewhere and not declared here, as for objects that
 * another build system compiled. Write it in a file that does not include Python.h. */
#define LINKTAB_EXTERN_MODULE(NAME, INIT, PHASE) \
    LINKTAB_C void *INIT(void);                  \
    LINKTAB_RECORD(NAME, INIT, PHASE, __COUNTER__)

#endif /* LINKTAB_H */

/* What Python.h was configured for; 0 without it. Outside the guard: in a unity build, a file without
 * Python.h may come first. */
#undef LINKTAB_PYTHON
#undef LINKTAB_FREE_THREADED
#undef LINKTAB_DEBUG
#undef LINKTAB_LIMITED_API
#undef LINKTAB_INIT_FUNC
#ifndef PY_VERSION_HEX
#define LINKTAB_PYTHON 0u
#elif defined(Py_LIMITED_API) && Py_LIMITED_API + 0 > 3
#define LINKTAB_PYTHON LINKTAB_CAST(uint32_t, Py_LIMITED_API)
#elif defined(Py_LIMITED_API)
#define LINKTAB_PYTHON 0x03020000u
#else
#define LINKTAB_PYTHON LINKTAB_CAST(uint32_t, PY_VERSION_HEX)
#endif
#ifdef Py_GIL_DISABLED
#define LINKTAB_FREE_THREADED 1u
#else
#define LINKTAB_FREE_THREADED 0u
#endif
#ifdef Py_DEBUG
#define LINKTAB_DEBUG 2u
#else
#define LINKTAB_DEBUG 0u
#endif
#ifdef Py_LIMITED_API
#define LINKTAB_LIMITED_API 4u
#else
#define LINKTAB_LIMITED_API 0u
#endif

/* Stands for PyMODINIT_FUNC: exported only from a wheel. */
#ifdef LINKTAB_WHEEL
#define LINKTAB_INIT_FUNC PyMODINIT_FUNC
#else
#define LINKTAB_INIT_FUNC static PyObject *
#endif
