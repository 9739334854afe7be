"""The records of a 64-bit little-endian ELF, Mach-O or PE executable: read_records.py FILE."""
import struct, sys

data = open(sys.argv[1], "rb").read()
at = lambda form, offset: struct.unpack_from("<" + form, data, offset)
base, maps, tables, moved = 0, [], [], {}  # maps: address, offset, size; moved: what the loader writes, and where
if data[:4] == b"\x7fELF":
    (start,), (entry, count, names) = at("Q", 40), at("3H", 58)
    headers = [at("2I4Q2I2Q", start + entry * i) for i in range(count)]
    for name, kind, flags, address, offset, size, *_ in headers:
        if kind == 4 and flags & 2:  # SHT_RELA that is loaded: R_*_RELATIVE, of which each machine has its own number
            moved |= {where: add for where, info, add in (at("2Qq", i) for i in range(offset, offset + size, 24)) if not info >> 32}
        if flags & 2 and kind != 8:
            maps.append((address, offset, size))
        if data[headers[names][4] + name :].startswith(b"linkme_LINKTAB\0"):
            tables.append((offset, size))
elif data[:2] == b"MZ":
    (pe,) = at("I", 60)
    (count,), (optional,), (base,) = at("H", pe + 6), at("H", pe + 20), at("Q", pe + 48)
    for i in range(pe + 24 + optional, pe + 24 + optional + 40 * count, 40):
        name, size, address, held, offset = at("8s4I", i)
        maps.append((base + address, offset, held))
        tables += [(offset, size)] if name == b".linkme_" else []
else:  # Mach-O: load commands, of which LC_SEGMENT_64 is 0x19
    command = 32
    for _ in range(at("I", 16)[0]):
        kind, size = at("2I", command)
        if kind == 0x19:
            name, address, _, offset, held, _, _, count = at("16s4Q3I", command + 8)
            maps.append((address, offset, held))
            base = address if name.startswith(b"__TEXT") else base
            for i in range(command + 72, command + 72 + 80 * count, 80):
                tables += [at("I", i + 48) + at("Q", i + 40)] if data[i : i + 16] == b"__linkmekOkYfEtH" else []
        command += size
text = lambda address, size: next(data[o + address - a :][:size] for a, o, n in maps if a <= address < a + n).decode()
for start, size in tables:
    where = next((a + start - o for a, o, n in maps if o <= start < o + n), 0)
    for i in range(0, size - 63, 64):
        magic, abi, phase, flags, name, init, origin, name_len, origin_len = at("IHBB3Q2I", start + i)
        pointers = [moved.get(where + i + 8 * n, p) & (1 << 36) - 1 if data[:2] != b"MZ" else p for n, p in enumerate((name, init, origin), 1)]
        name, init, origin = (p if p >= base else p + base for p in pointers)
        if magic == 0x4C4B5442 and abi == 1:
            print(text(name, name_len), ("multi", "single", "export")[phase - 1], hex(init), *text(origin, origin_len).split("\n"), sep="\t")
