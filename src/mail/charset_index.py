#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""charset_index.py OUT: the indexes of the WHATWG Encoding standard as constant tables.

They are Python's codecs, and the few places below where Chromium's TextDecoder differs from them
(read from Chromium 156; the test charsets.differ compares all that comes out). A Python whose
codecs give other indexes than those is refused.
"""
import hashlib
import sys

# The encodings of one byte: the enum's name, Python's codec, what differs from it.
SINGLE_BYTE = {
    "IBM866": ("cp866", {}), "ISO_8859_2": ("iso8859_2", {}), "ISO_8859_3": ("iso8859_3", {}),
    "ISO_8859_4": ("iso8859_4", {}), "ISO_8859_5": ("iso8859_5", {}),
    "ISO_8859_6": ("iso8859_6", {}), "ISO_8859_7": ("iso8859_7", {}),
    "ISO_8859_8": ("iso8859_8", {}), "ISO_8859_10": ("iso8859_10", {}),
    "ISO_8859_13": ("iso8859_13", {}), "ISO_8859_14": ("iso8859_14", {}),
    "ISO_8859_15": ("iso8859_15", {}), "ISO_8859_16": ("iso8859_16", {}),
    "KOI8_R": ("koi8_r", {}), "KOI8_U": ("koi8_u", {0xAE: "\u045e", 0xBE: "\u040e"}),
    "MACINTOSH": ("mac_roman", {}), "WINDOWS_874": ("cp874", {}), "WINDOWS_1250": ("cp1250", {}),
    "WINDOWS_1251": ("cp1251", {}), "WINDOWS_1252": ("cp1252", {}), "WINDOWS_1253": ("cp1253", {}),
    "WINDOWS_1254": ("cp1254", {}), "WINDOWS_1255": ("cp1255", {0xCA: "\u05ba"}),
    "WINDOWS_1256": ("cp1256", {}), "WINDOWS_1257": ("cp1257", {}), "WINDOWS_1258": ("cp1258", {}),
    "X_MAC_CYRILLIC": ("mac_cyrillic", {}),
}

# What follows here: two bytes in hexadecimal, and the characters from there on.
GB18030 = ("a3a0=\u3000 a6d9=︐︒︑︓︔︕︖ a6ec=︗︘ a6f3=︙ a8bc=ḿ fe59=龴 fe61=龵 fe66=龶龷 fe6d=龸 fe7e=龹 "
           "fe90=龺 fea0=龻")
BIG5 = """
877a=㡵𡵓𣚞𦀡㻬𥣞㫵竼龗𤅡𨤍𣇪𠪊𣉞䌊蒄龖鐯䤰蘓墖靊鈘秐稲晠権袝瑌篅枂稬剏遆㓦珄𥶹瓆鿇垳䤯呌䄱𣚎堘穲𧭥讏䚮𦺈䆁𥶙箮𢒼鿈𢓁𢓉𢓌鿉蔄𣖻䂴鿊䓡𪷿拁灮鿋
8e69=箸 8e6f=簆 8e7e=糎 8eab=緒 8eb4=縝 8ecd=者 8ed0=耨 8f57=菁 8f69=蒨 8f6e=萏 8fcb=覦覩 8ffe=起
906d=都 907a=銹 90dc=靜 90f1=響 91bf=鼖 9244=蔃 92af=兙兛兝兞 92c8=鍮 92d1=瑹 9447=浧 94ca=禛
95d9=邗 9644=靝 96ed=瀞 96fc=嬨 9b76=爁 9b78=矗 9b7b=纇 9bc6=駖 9bde=釔 9bec=惞 9bf6=澶 9c42=輶
9c53=侻 9c62=營 9c68=鄄 9c6b=鷰 9c77=菏 9cbc=尐秣 9cd0=婧 9d57=輋 9d5a=筑 9dc4=拐 9ea9=恢 9eef=痹
9efd=汊 9f60=鬮 9f66=鼗 9fcb=僭 9fd8=弌 a063=蠏 a077=拎 a0d5=瑨 a0df=煢 a0e4=牐
a145=‧ a14e=﹑ a1c2=¯ a1e3=～ a1f2=⊕⊙ a241=∕﹨ a244=￥ a246=￠￡ a3c0=␀␁␂␃␄␅␆␇␈␉␊␋␌␍␎␏␐␑␒␓␔␕␖␗␘␙␚␛␜␝␞␟␡€
c6cf=廴 c6d3=无 c6d5=癶 c6d7=隶 c6de=〃仝 fa5f=倩 fa66=偽 fabd=包 fac5=卄 fad5=卿 fb48=嘅 fbb8=婷
fbf3=幵 fbf9=廐 fc4f=彘 fc6c=悤 fcb9=撐 fce2=晴 fcf1=杞 fdb7=沜渝 fdbb=港 fdf1=煮 fe52=猪 fe6f=瑜
feaa=瓩 fedd=砉
"""
JIS0212 = "a2b7=～"

BMP_POINTERS = 39420  # of four bytes, in GB18030
MARK_E7C7 = 7457      # the one of them that the standard moves out of its range

WANTED = "a9e7a2cfc6d6b16ae248c9c59fe2718a69b2f06556feb70d120e67368b3cccd4"


def decoded(data, codec):
    """The one character that these bytes are, or 0."""
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        return 0
    return ord(text) if len(text) == 1 else 0


def single_byte(name, codec, differences):
    """128 code points; of a windows code page the bytes below 0xa0 are themselves at least."""
    index = [decoded(bytes([byte]), codec) for byte in range(128, 256)]
    for byte, character in differences.items():
        index[byte - 128] = ord(character)
    if name.startswith("WINDOWS"):
        index = [code or 128 + place if place < 32 else code for place, code in enumerate(index)]
    return index


def pairs(leads, trails, codec, differences="", prefix=b""):
    """An index by lead and trail, with its differences written over it."""
    index = {lead << 8 | trail: decoded(prefix + bytes([lead, trail]), codec)
             for lead in leads for trail in trails}
    order = list(index)
    for words in filter(None, differences.replace("\n", " ").split(" ")):
        start, characters = words.split("=")
        at = order.index(int(start, 16))
        for place, character in enumerate(characters, at):
            index[order[place]] = ord(character)
    return list(index.values())


def four_bytes(pointer):
    first, rest = divmod(pointer, 12600)
    second, rest = divmod(rest, 1260)
    return bytes([0x81 + first, 0x30 + second, 0x81 + rest // 10, 0x30 + rest % 10])


def ranges():
    """(pointer, code point) wherever the two do not go on side by side."""
    found, expected = [], None
    for pointer in range(BMP_POINTERS):
        code = decoded(four_bytes(pointer), "gb18030")
        if pointer == MARK_E7C7:
            code = 0xE7C7
        if code != expected:
            found.append((pointer, code))
        expected = code + 1
    return found


def write_array(out, declaration, values):
    out.write(f"{declaration} = {{\n")
    for at in range(0, len(values), 16):
        out.write("\t" + ", ".join(map(str, values[at:at + 16])) + ",\n")
    out.write("};\n")


def span(*ends):
    """The numbers of some ranges, their last ones among them."""
    return [n for first, last in zip(ends[::2], ends[1::2]) for n in range(first, last + 1)]


def main():
    single = {name: single_byte(name, *row) for name, row in SINGLE_BYTE.items()}
    indexes = {
        "gb18030": pairs(span(0x81, 0xFE), span(0x40, 0x7E, 0x80, 0xFE), "gb18030", GB18030),
        "big5": pairs(span(0x81, 0xFE), span(0x40, 0x7E, 0xA1, 0xFE), "big5hkscs", BIG5),
        "jis0208": pairs(span(0x81, 0x9F, 0xE0, 0xFC), span(0x40, 0x7E, 0x80, 0xFC), "cp932"),
        "jis0212": pairs(span(0xA1, 0xFE), span(0xA1, 0xFE), "euc_jp", JIS0212, b"\x8f"),
        "euc_kr": pairs(span(0x81, 0xFE), span(0x41, 0xFE), "cp949"),
    }
    gb18030_ranges = ranges()
    told = repr((list(single.items()), list(indexes.items()), gb18030_ranges))
    digest = hashlib.sha256(told.encode()).hexdigest()
    if digest != WANTED:
        raise SystemExit(f"Python {sys.version.split()[0]}: its codecs give other indexes ({digest})")
    planes = {code >> 16 for index in indexes.values() for code in index}
    assert planes == {0, 2} and max(code for _, code in gb18030_ranges) < 0x10000
    with open(sys.argv[1], "w", encoding="ascii") as out:
        out.write('/* Made by charset_index.py. */\n#include "charset_index.h"\n\n')
        out.write("const uint16_t eii_charset_index_single_byte[EII_ENCODING_SINGLE_BYTES][128] = {\n")
        for name, index in single.items():
            out.write(f"\t[EII_ENCODING_{name}] = {{ {', '.join(map(str, index))} }},\n")
        out.write("};\n")
        for name, index in indexes.items():
            write_array(out, f"const uint16_t eii_charset_index_{name}[{len(index)}]",
                        [code & 0xFFFF for code in index])
        bits = [sum((code >> 16 == 2) << bit for bit, code in enumerate(indexes["big5"][at:at + 8]))
                for at in range(0, len(indexes["big5"]), 8)]
        write_array(out, f"const uint8_t eii_charset_index_big5_plane_2[{len(bits)}]", bits)
        out.write("const struct eii_charset_index_range eii_charset_index_gb18030_ranges[] = {\n")
        out.write("".join(f"\t{{ {pointer}, {code} }},\n" for pointer, code in gb18030_ranges))
        out.write(f"}};\nconst size_t eii_charset_index_gb18030_n_ranges = {len(gb18030_ranges)};\n")


if __name__ == "__main__":
    main()
