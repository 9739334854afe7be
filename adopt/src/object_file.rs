//! A twin in, the object that an executable takes out: one init function under a name of its own, nothing
//! else that another object could meet, and the module's record.

use linktab::layout::{self, offset};
use object::Endianness;
use object::build::elf::{Builder, Relocation, SectionData, SectionId, SymbolId};
use object::elf;
use object::endian::Endian as _;
use object::read::elf::{FileHeader as _, SectionHeader as _};

use crate::elf::is_hook;
use crate::record::{Facts, symbol};

/// What the init function of a module is called in the executable; the dotted name follows.
const INIT_PREFIX: &str = "__linktab_init$";

/// What other init functions of the same shared object are called: no record points at them, and nobody
/// shall take them for forgotten modules.
const OTHER_PREFIX: &str = "__linktab_other$";

/// Clang's table of symbols whose addresses count ("LLVM Extensions", `SHT_LLVM_ADDRSIG`).
const SHT_LLVM_ADDRSIG: elf::SectionType = elf::SectionType(0x6fff_4c03);

/// Where `sh_type` is in the header of a section (gABI, "Section Header").
const TYPE_IN_HEADER: usize = 4;

/// Rewrites a twin. `hook` is its init function or export hook; functions of `zero` answer 0 to it.
///
/// # Errors
/// In words: the twin is no object that can be rewritten.
pub fn rewrite(twin: &[u8], hook: &str, facts: &Facts, zero: &[&str]) -> Result<Vec<u8>, String> {
    let twin = without_address_tables(twin).map_err(|error| error.to_string())?;
    let mut builder = Builder::read(twin.as_slice()).map_err(|error| error.to_string())?;
    drop_leftovers(&mut builder);
    if !zero.is_empty() {
        answer_zero(&mut builder, zero)?;
    }
    let init = isolate(&mut builder, hook, &facts.name)?;
    add_record(&mut builder, init, facts)?;
    let mut out = Vec::new();
    builder.write(&mut out).map_err(|error| error.to_string())?;
    Ok(out)
}

/// Clang's tables speak of another table of symbols than will be written, and the builder reads none: as
/// plain data they can be left out by name.
fn without_address_tables(twin: &[u8]) -> object::Result<Vec<u8>> {
    let header = elf::FileHeader64::<Endianness>::parse(twin)?;
    let endian = header.endian()?;
    let mut bytes = twin.to_vec();
    let plain = endian.write_u32(elf::SHT_PROGBITS.0);
    for (number, section) in header.section_headers(endian, twin)?.iter().enumerate() {
        let at = header.e_shoff(endian) as usize + number * size_of_val(section) + TYPE_IN_HEADER;
        if section.sh_type(endian) == SHT_LLVM_ADDRSIG
            && let Some(place) = bytes.get_mut(at..at + plain.len())
        {
            place.copy_from_slice(&plain);
        }
    }
    Ok(bytes)
}

/// What compilers leave for a link-time optimiser, and the wish for an executable stack, which an object
/// without a section about it has (GNU ld, "-z execstack").
fn drop_leftovers(builder: &mut Builder<'_>) {
    let mut says_stack = false;
    for section in &mut builder.sections {
        let name: &[u8] = &section.name;
        section.delete |= [&b".llvmbc"[..], b".llvmcmd", b".llvm_addrsig"].contains(&name)
            || name.starts_with(b".gnu.lto_")
            || name.starts_with(b".gnu.debuglto_");
        if name == b".note.GNU-stack" {
            section.sh_flags.0 &= !elf::SHF_EXECINSTR.0;
            says_stack = true;
        }
    }
    if !says_stack {
        let section = builder.sections.add();
        section.name = b".note.GNU-stack"[..].into();
        section.sh_type = elf::SHT_PROGBITS;
        section.sh_addralign = 1;
    }
}

/// Defines functions that return 0, here and for nobody else, in the place of those of this name elsewhere.
fn answer_zero(builder: &mut Builder<'_>, names: &[&str]) -> Result<(), String> {
    let code: &[u8] = match builder.header.e_machine {
        // endbr64; xor %eax, %eax; ret
        elf::EM_X86_64 => &[0xf3, 0x0f, 0x1e, 0xfa, 0x31, 0xc0, 0xc3],
        // mov w0, wzr; ret
        elf::EM_AARCH64 => &[0xe0, 0x03, 0x1f, 0x2a, 0xc0, 0x03, 0x5f, 0xd6],
        machine => {
            return Err(format!(
                "asks in which file it is, and the remedy is not known for e_machine {}",
                machine.0
            ));
        }
    };
    let section = builder.sections.add();
    section.name = b".text.linktab"[..].into();
    section.sh_type = elf::SHT_PROGBITS;
    section.sh_flags = elf::SHF_ALLOC | elf::SHF_EXECINSTR;
    section.sh_addralign = 16;
    section.data = SectionData::Data(code.into());
    let section = section.id();
    for symbol in &mut builder.symbols {
        let is_meant = names.iter().any(|name| name.as_bytes() == &*symbol.name);
        if is_meant && symbol.section.is_none() && symbol.st_shndx == elf::SHN_UNDEF {
            symbol.section = Some(section);
            symbol.set_st_info(elf::STB_LOCAL, elf::STT_FUNC);
            symbol.st_size = code.len() as u64;
        }
    }
    Ok(())
}

/// Makes every definition local but the init function's, and returns that one.
fn isolate(builder: &mut Builder<'_>, hook: &str, name: &str) -> Result<SymbolId, String> {
    let mut init = None;
    for symbol_of in &mut builder.symbols {
        if symbol_of.section.is_none() && symbol_of.st_shndx == elf::SHN_UNDEF {
            continue;
        }
        let kind = symbol_of.st_type();
        let found = String::from_utf8_lossy(&symbol_of.name).into_owned();
        symbol_of.set_st_info(elf::STB_LOCAL, kind);
        if found == hook {
            symbol_of.name = symbol(INIT_PREFIX, name).into_bytes().into();
            symbol_of.set_st_info(elf::STB_GLOBAL, kind);
            symbol_of.st_other = elf::SymbolOther(elf::STV_HIDDEN.0);
            init = Some(symbol_of.id());
        } else if is_hook(&found) {
            symbol_of.name = format!("{OTHER_PREFIX}{found}").into_bytes().into();
        }
    }
    init.ok_or_else(|| format!("the twin of the link does not define `{hook}`"))
}

/// Adds the record, its texts, and the marker that makes a second module of this name a link error.
fn add_record(builder: &mut Builder<'_>, init: SymbolId, facts: &Facts) -> Result<(), String> {
    let absolute = absolute(builder.header.e_machine, builder.is_64).ok_or_else(|| {
        format!(
            "expected an object for x86-64, aarch64, riscv64, ppc64 or s390x, found e_machine {}",
            builder.header.e_machine.0
        )
    })?;
    let texts = add_texts(builder, facts);
    let endian = builder.endian;
    let record = builder.sections.add();
    record.name = layout::section::ELF.as_bytes().into();
    record.sh_type = elf::SHT_PROGBITS;
    record.sh_flags = elf::SHF_ALLOC | elf::SHF_WRITE | elf::SHF_GNU_RETAIN;
    record.sh_addralign = layout::RECORD_ALIGN as u64;
    record.data = SectionData::Data(facts.bytes(endian).to_vec().into());
    let record = record.id();
    // Linkers heed "retain" in objects that say that they are GNU's (binutils, elf.c).
    builder.header.os_abi = elf::ELFOSABI_GNU;
    let to = |at: usize, symbol: SymbolId, addend: usize| Relocation {
        r_offset: at as u64,
        symbol: Some(symbol),
        r_type: absolute,
        r_addend: addend as i64,
    };
    let pointers = vec![
        to(offset::NAME, texts, 1),
        to(offset::INIT, init, 0),
        to(offset::ORIGIN, texts, 1 + facts.name.len()),
    ];
    add_relocations(builder, record, pointers)
}

/// The marker's byte, the name and the origin. Returns the marker.
fn add_texts(builder: &mut Builder<'_>, facts: &Facts) -> SymbolId {
    let section = builder.sections.add();
    section.name = b".rodata.linktab"[..].into();
    section.sh_type = elf::SHT_PROGBITS;
    section.sh_flags = elf::SHF_ALLOC;
    section.sh_addralign = 1;
    let texts = format!("\0{}{}", facts.name, facts.origin());
    section.data = SectionData::Data(texts.into_bytes().into());
    let section = section.id();
    let marker = builder.symbols.add();
    marker.name = symbol(layout::MARKER_PREFIX, &facts.name).into_bytes().into();
    marker.section = Some(section);
    marker.set_st_info(elf::STB_GLOBAL, elf::STT_OBJECT);
    marker.st_other = elf::SymbolOther(elf::STV_HIDDEN.0);
    marker.st_size = 1;
    marker.id()
}

fn add_relocations(builder: &mut Builder<'_>, of: SectionId, all: Vec<Relocation>) -> Result<(), String> {
    let is_symbols = |data: &SectionData<'_>| matches!(data, SectionData::Symbol);
    let symbols =
        builder.sections.iter().find(|section| is_symbols(&section.data)).map(|section| section.id());
    let symbols = symbols.ok_or("the twin of the link has no table of symbols")?;
    let section = builder.sections.add();
    section.name = format!(".rela{}", layout::section::ELF).into_bytes().into();
    section.sh_type = elf::SHT_RELA;
    section.sh_flags = elf::SHF_INFO_LINK;
    section.sh_link_section = Some(symbols);
    section.sh_info_section = Some(of);
    section.sh_addralign = 8;
    // The builder leaves it 0, and GNU ld 2.40 then takes the whole file for no object.
    section.sh_entsize = size_of::<elf::Rela64<Endianness>>() as u64;
    section.data = SectionData::Relocation(all);
    Ok(())
}

/// The relocation that fills in a pointer of 64 bits, of machines with addends in the relocation.
fn absolute(machine: elf::Machine, is_64: bool) -> Option<elf::RelocationType> {
    if !is_64 {
        return None;
    }
    match machine {
        elf::EM_X86_64 => Some(elf::R_X86_64_64),
        elf::EM_AARCH64 => Some(elf::R_AARCH64_ABS64),
        elf::EM_RISCV => Some(elf::R_RISCV_64),
        elf::EM_PPC64 => Some(elf::R_PPC64_ADDR64),
        elf::EM_S390 => Some(elf::R_390_64),
        _ => None,
    }
}
