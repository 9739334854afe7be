//! Machine numbers in; names and the meaning of relocation types out.

use object::elf::*;

/// What a relocation puts into its slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// The load address plus the addend.
    Relative,
    /// The address of a symbol plus the addend.
    Absolute,
    /// What the function at load address plus addend returns.
    Resolver,
    /// Nothing.
    None,
}

/// The name of a machine in reports: Rust's words for the architectures.
pub fn name(machine: Machine, is_64: bool) -> &'static str {
    match (machine, is_64) {
        (EM_X86_64, true) => "x86-64",
        (EM_X86_64, false) => "x32",
        (EM_386, _) => "x86",
        (EM_AARCH64, true) => "aarch64",
        (EM_AARCH64, false) => "aarch64-ilp32",
        (EM_ARM, _) => "arm",
        (EM_RISCV, true) => "riscv64",
        (EM_RISCV, false) => "riscv32",
        (EM_S390, true) => "s390x",
        (EM_S390, false) => "s390",
        (EM_PPC64, _) => "powerpc64",
        (EM_PPC, _) => "powerpc",
        (EM_MIPS, true) => "mips64",
        (EM_MIPS, false) => "mips",
        (EM_LOONGARCH, true) => "loongarch64",
        (EM_LOONGARCH, false) => "loongarch32",
        _ => "unknown",
    }
}

/// The meaning of a type where a pointer is expected, or `None` for every other type.
///
/// From each architecture's ELF supplement, "Relocation Types"; the four numbers of each row are
/// none, pointer-sized absolute, relative, irelative.
#[inline]
pub fn meaning(machine: Machine, is_64: bool, kind: RelocationType) -> Option<Meaning> {
    let (absolute, relative, resolver) = match (machine, is_64) {
        (EM_X86_64, true) => (R_X86_64_64, R_X86_64_RELATIVE, R_X86_64_IRELATIVE),
        (EM_X86_64, false) => (R_X86_64_32, R_X86_64_RELATIVE, R_X86_64_IRELATIVE),
        (EM_386, _) => (R_386_32, R_386_RELATIVE, R_386_IRELATIVE),
        (EM_AARCH64, true) => (R_AARCH64_ABS64, R_AARCH64_RELATIVE, R_AARCH64_IRELATIVE),
        (EM_ARM, _) => (R_ARM_ABS32, R_ARM_RELATIVE, R_ARM_IRELATIVE),
        (EM_RISCV, true) => (R_RISCV_64, R_RISCV_RELATIVE, R_RISCV_IRELATIVE),
        (EM_RISCV, false) => (R_RISCV_32, R_RISCV_RELATIVE, R_RISCV_IRELATIVE),
        (EM_S390, true) => (R_390_64, R_390_RELATIVE, R_390_IRELATIVE),
        (EM_S390, false) => (R_390_32, R_390_RELATIVE, R_390_IRELATIVE),
        (EM_PPC64, true) => (R_PPC64_ADDR64, R_PPC64_RELATIVE, R_PPC64_IRELATIVE),
        (EM_PPC, _) => (R_PPC_ADDR32, R_PPC_RELATIVE, R_PPC_IRELATIVE),
        (EM_LOONGARCH, true) => (R_LARCH_64, R_LARCH_RELATIVE, R_LARCH_IRELATIVE),
        (EM_LOONGARCH, false) => (R_LARCH_32, R_LARCH_RELATIVE, R_LARCH_IRELATIVE),
        _ => return None,
    };
    match kind {
        RelocationType(0) => Some(Meaning::None),
        kind if kind == absolute => Some(Meaning::Absolute),
        kind if kind == relative => Some(Meaning::Relative),
        kind if kind == resolver => Some(Meaning::Resolver),
        R_ARM_TARGET1 if machine == EM_ARM => Some(Meaning::Absolute),
        _ => None,
    }
}

/// Whether [`meaning`] knows a machine at all.
pub fn is_known(machine: Machine, is_64: bool) -> bool {
    meaning(machine, is_64, RelocationType(0)).is_some()
}
