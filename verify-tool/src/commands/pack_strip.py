# A shared object in, the same without what no segment of it has out: symbols and lines for debuggers, notes of
# compilers, section headers. The dynamic linker reads none of that (elf(5), "Program header"). Nothing moves,
# which wheels whose libraries have been patched do not survive with every `strip`.


def stripped(data):
    if data[:5] != b"\x7fELF\x02":
        return data
    try:
        held = sorted(segments(data))
    except (ValueError, struct.error):
        return data
    end = max(end for _, end in held)
    if end > len(data):
        return data
    kept, at = bytearray(data[:end]), 0
    for start, stop in held:
        if start > at:
            kept[at:start] = bytes(start - at)  # Which --compress makes nothing of.
        at = max(at, stop)
    kept[40:48] = bytes(8)  # e_shoff
    kept[58:64] = bytes(6)  # e_shentsize, e_shnum, e_shstrndx
    return bytes(kept)


def segments(data):
    """What of the file is used when it is loaded: its header, the headers of its segments, and those."""
    order = "<" if data[5] == 1 else ">"
    start, size, count = *struct.unpack_from(order + "Q", data, 32), *struct.unpack_from(order + "HH", data, 54)
    yield 0, 64
    yield start, start + size * count
    for at in range(start, start + size * count, size):
        _, _, offset, _, _, length, _, _ = struct.unpack_from(order + "IIQQQQQQ", data, at)
        yield offset, offset + length
