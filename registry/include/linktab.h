/* linktab.h: registers statically linked Python extensions from C99 and C++11 (GCC, Clang).
 *
 *     #include <Python.h>
 *     #include <linktab.h>
 *
 *     PyMODINIT_FUNC PyInit__native(void) { return PyModuleDef_Init(&module); }
 *
 *     LINKTAB_MODULE("acme.fast._native", PyInit__native, LINKTAB_MULTI)
 *
 * at file scope puts one record beside the code, in the section that the Rust crate `linktab` reads.
 * Nothing runs before main. The layout is that of registry/src/layout.rs; a test compares the two.
 *
 * Include Python.h first: the record then says which CPython it was compiled for, and an executable
 * with another one refuses it with a sentence instead of crashing.
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

/* What Python.h was configured for; 0 without it. */
#ifndef PY_VERSION_HEX
#define LINKTAB_PYTHON 0u
#elif defined(Py_LIMITED_API) && Py_LIMITED_API + 0 > 3
#define LINKTAB_PYTHON ((uint32_t)(Py_LIMITED_API))
#elif defined(Py_LIMITED_API)
#define LINKTAB_PYTHON 0x03020000u
#else
#define LINKTAB_PYTHON ((uint32_t)(PY_VERSION_HEX))
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
#define LINKTAB_ERASE(function) reinterpret_cast<void *(*)(void)>(function)
#else
#define LINKTAB_C extern
#define LINKTAB_ERASE(function) ((void *(*)(void))(function))
#endif

/* The marker makes two extensions of one name two definitions of one symbol. */
#define LINKTAB_MARKER(NAME, unique)                                                              \
    LINKTAB_C const char LINKTAB_JOIN(linktab_marker_, unique)                                    \
        __asm__(LINKTAB_STRING(__USER_LABEL_PREFIX__) "__linktab_mod$" NAME)                      \
            __attribute__((visibility("hidden")));                                                \
    const char LINKTAB_JOIN(linktab_marker_, unique) = 0;

/* The hash of the name, as registry/src/hash.rs computes it, for the compiler to fold: the sum of its
 * words of eight bytes, the first in the lowest byte, each times a power of the base. Zeros are behind
 * the end. Names of over 64 bytes, and those that are not ASCII in components parted by single dots,
 * get 0: the runtime looks at them. */
#define LINKTAB_BYTE(NAME, at)                                                                      \
    ((uint64_t)(unsigned char)("" NAME)[(at) < sizeof("" NAME) ? (at) : sizeof("" NAME) - 1])
#define LINKTAB_WORD(NAME, at)                                                                      \
    (LINKTAB_BYTE(NAME, at) | LINKTAB_BYTE(NAME, at + 1) << 8 |                                     \
     LINKTAB_BYTE(NAME, at + 2) << 16 | LINKTAB_BYTE(NAME, at + 3) << 24 |                          \
     LINKTAB_BYTE(NAME, at + 4) << 32 | LINKTAB_BYTE(NAME, at + 5) << 40 |                          \
     LINKTAB_BYTE(NAME, at + 6) << 48 | LINKTAB_BYTE(NAME, at + 7) << 56)
#define LINKTAB_SUM(NAME)                                                                           \
    (LINKTAB_WORD(NAME, 0) * 0x9e3779b97f4a7c15ull + LINKTAB_WORD(NAME, 8) * 0xdf442d22ce4859b9ull + \
     LINKTAB_WORD(NAME, 16) * 0x604a5ce3addef82dull + LINKTAB_WORD(NAME, 24) * 0xd94363fc538227b1ull + \
     LINKTAB_WORD(NAME, 32) * 0x2e2b795f2d10fd85ull + LINKTAB_WORD(NAME, 40) * 0x4be7956e30a337e9ull + \
     LINKTAB_WORD(NAME, 48) * 0x5ecb31e4ccd2721dull + LINKTAB_WORD(NAME, 56) * 0x06d4b2611beb6861ull)

/* Whether a byte is not ASCII, or a dot before another or before the end; likewise for eight bytes. */
#define LINKTAB_ODD(NAME, at)                                                                       \
    ((LINKTAB_BYTE(NAME, at) > 127) |                                                               \
     ((LINKTAB_BYTE(NAME, at) == '.') & ((LINKTAB_BYTE(NAME, at + 1) | '.') == '.')))
#define LINKTAB_ANY_ODD(NAME, at)                                                                   \
    (LINKTAB_ODD(NAME, at) | LINKTAB_ODD(NAME, at + 1) | LINKTAB_ODD(NAME, at + 2) |                \
     LINKTAB_ODD(NAME, at + 3) | LINKTAB_ODD(NAME, at + 4) | LINKTAB_ODD(NAME, at + 5) |            \
     LINKTAB_ODD(NAME, at + 6) | LINKTAB_ODD(NAME, at + 7))
#define LINKTAB_IS_PLAIN(NAME)                                                                      \
    (sizeof("" NAME) <= 65 &&                                                                       \
     !((LINKTAB_BYTE(NAME, 0) == '.') | LINKTAB_ANY_ODD(NAME, 0) | LINKTAB_ANY_ODD(NAME, 8) |       \
       LINKTAB_ANY_ODD(NAME, 16) | LINKTAB_ANY_ODD(NAME, 24) | LINKTAB_ANY_ODD(NAME, 32) |          \
       LINKTAB_ANY_ODD(NAME, 40) | LINKTAB_ANY_ODD(NAME, 48) | LINKTAB_ANY_ODD(NAME, 56)))
#define LINKTAB_HASH(NAME) (LINKTAB_IS_PLAIN(NAME) ? LINKTAB_SUM(NAME) : 0u)

/* `aligned` stands on the variable: GCC raises the alignment of objects of some sizes by itself, and
 * the records would not lie side by side. */
#define LINKTAB_RECORD(NAME, INIT, PHASE, unique)                                               \
    typedef char LINKTAB_JOIN(linktab_name_is_1_to_1024_bytes_,                                 \
                              unique)[(sizeof("" NAME) > 1 && sizeof("" NAME) <= 1025) ? 1 : -1]; \
    LINKTAB_MARKER(NAME, unique)                                                                \
    static linktab_record LINKTAB_JOIN(linktab_record_, unique)                                 \
        __attribute__((section(LINKTAB_SECTION), LINKTAB_KEEP, aligned(8))) = {                 \
            LINKTAB_MAGIC,                                                                      \
            LINKTAB_ABI_VERSION,                                                                \
            (uint8_t)((PHASE) & 0xff),                                                          \
            (uint8_t)(((PHASE) >> 8) & 0xff),                                                   \
            LINKTAB_POINTER("" NAME),                                                           \
            LINKTAB_POINTER(LINKTAB_ERASE(INIT)),                                               \
            LINKTAB_POINTER(LINKTAB_ORIGIN),                                                    \
            (uint32_t)(sizeof("" NAME) - 1),                                                    \
            (uint32_t)(sizeof(LINKTAB_ORIGIN) - 1),                                             \
            LINKTAB_HASH(NAME),                                                                 \
            LINKTAB_PYTHON,                                                                     \
            LINKTAB_FREE_THREADED | LINKTAB_DEBUG | LINKTAB_LIMITED_API,                        \
            0u,                                                                                 \
            0u};

/* Registers the extension NAME (a string literal, the full dotted name). INIT is its init function
 * or export hook, declared above. */
#define LINKTAB_MODULE(NAME, INIT, PHASE) LINKTAB_RECORD(NAME, INIT, PHASE, __LINE__)

/* The same for an init function that is defined elsewhere and not declared here, as for objects that
 * another build system compiled. Write it in a file that does not include Python.h. */
#define LINKTAB_EXTERN_MODULE(NAME, INIT, PHASE) \
    LINKTAB_C void *INIT(void);                  \
    LINKTAB_RECORD(NAME, INIT, PHASE, __LINE__)

#endif /* LINKTAB_H */
