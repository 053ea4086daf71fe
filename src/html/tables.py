#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tables.py NAMES_H OUT: the constant tables of the layer html.

NAMES_H is include/eii/html/names.h; the character references are those of the HTML standard, from
Python's html.entities. Each set of names becomes an array and a hash table without collisions: the
key of a name is what read_key() in names.c makes of it, and the multiplier was tried out here.
"""
import html.entities
import re
import sys

MASK = (1 << 64) - 1
MULTIPLIERS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)


def names_of(text, prefix):
    """(member, name) of an enum's members, without the first and the last, which count."""
    found = re.findall(rf'^\t(EII_HTML_{prefix}_(\w+)),(?: /\* "([^"]+)" \*/)?', text, re.MULTILINE)
    return [(member, quoted or plain.lower()) for member, plain, quoted in found if plain != "OTHER"]


def read_key(name):
    """As in names.c: two overlapping little-endian words."""
    data = name.encode()
    if len(data) >= 8:
        parts = data[:8], data[-8:]
    elif len(data) >= 4:
        parts = data[:4], data[-4:]
    else:
        parts = data[:1] + data[len(data) // 2:len(data) // 2 + 1], data[-1:]
    return tuple(int.from_bytes(part, "little") for part in parts)


def slot_of(name, multiplier, bits):
    first, last = read_key(name)
    mixed = (first + last * 31 + len(name)) * multiplier & MASK
    return mixed >> (64 - bits)


def perfect(names):
    """A multiplier and a size for which no two names meet."""
    for bits in (10, 11, 12):
        multiplier = MULTIPLIERS[0]
        for _ in range(2000):
            if len({slot_of(name, multiplier, bits) for name in names}) == len(names):
                return multiplier, bits
            multiplier = (multiplier * MULTIPLIERS[1] + MULTIPLIERS[2] | 1) & MASK
    raise SystemExit("no hash without collisions was found")


def write_names(out, word, members):
    names = [name for _, name in members]
    if max(map(len, names)) > 16 or len(names) > 254:
        raise SystemExit("too many names, or one over 16 bytes")
    multiplier, bits = perfect(names)
    slots = sorted((slot_of(name, multiplier, bits), member) for member, name in members)
    out.write(f"static const unsigned char {word}_slots[{1 << bits}] = {{\n")
    out.write("".join(f"\t[{slot}] = {member},\n" for slot, member in slots) + "};\n")
    out.write(f"static const struct name_key {word}_keys[] = {{\n\t{{ 0, 0, 0 }},\n")
    for name in names:
        first, last = read_key(name)
        out.write(f"\t{{ {first:#x}u, {last:#x}u, {len(name)} }},\n")
    out.write(f"}};\nconst struct name_table eii_html_{word}_table = "
              f"{{ {word}_slots, {word}_keys, {multiplier:#x}u, {64 - bits} }};\n")
    out.write(f"const char *const eii_html_{word}_names[] = {{\n\t\"\",\n")
    out.write("".join(f'\t"{name}",\n' for name in names) + "};\n")


def escaped(data):
    return "".join(f"\\{byte:03o}" for byte in data)


def write_references(out):
    references = sorted(html.entities.html5.items())
    blob, lines, first = "", [], {}
    for number, (name, value) in enumerate(references):
        data = value.encode()
        assert len(data) <= 6 and name.isascii() and name[0].isalpha()
        first.setdefault(name[0], number)
        lines.append(f'\t{{ {len(blob)}, {len(name)}, {len(data)}, "{escaped(data)}" }},\n')
        blob += name
    assert len(blob) < 1 << 16
    # Letter by letter: no compiler has to take a text literal of this length.
    out.write(f"const char eii_html_reference_names[{len(blob)}] = {{\n")
    out.write("".join("\t" + ", ".join(f"'{c}'" for c in blob[i:i + 16]) + ",\n"
                      for i in range(0, len(blob), 16)) + "};\n")
    out.write(f"const struct reference eii_html_references[{len(references)}] = {{\n")
    out.write("".join(lines) + "};\n")
    starts = []
    for code in range(ord("A"), ord("z") + 2):
        starts.append(sum(name[0] < chr(code) for name, _ in references))
    out.write("const unsigned short eii_html_reference_starts[] = {\n\t")
    out.write(", ".join(map(str, starts)) + "\n};\n")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        text = file.read()
    with open(sys.argv[2], "w", encoding="utf-8") as out:
        out.write('#include "tables.h"\n')
        write_names(out, "tag", names_of(text, "TAG"))
        write_names(out, "attribute", names_of(text, "ATTRIBUTE"))
        write_references(out)


if __name__ == "__main__":
    main()
