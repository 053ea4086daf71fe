# SPDX-License-Identifier: Apache-2.0
"""Bytes to decode: every byte, every lead with every trail, and sequences of a seed."""

import random

SINGLE_BYTE = """ibm866 iso-8859-2 iso-8859-3 iso-8859-4 iso-8859-5 iso-8859-6 iso-8859-7 iso-8859-8
iso-8859-8-i iso-8859-10 iso-8859-13 iso-8859-14 iso-8859-15 iso-8859-16 koi8-r koi8-u macintosh
windows-874 windows-1250 windows-1251 windows-1252 windows-1253 windows-1254 windows-1255
windows-1256 windows-1257 windows-1258 x-mac-cyrillic x-user-defined""".split()
MULTI_BYTE = "gbk gb18030 big5 euc-jp iso-2022-jp shift_jis euc-kr utf-8 utf-16be utf-16le".split()

# By which Python makes text of an encoding, so that some of the sequences mean something.
CODECS = {"gbk": "gb18030", "gb18030": "gb18030", "big5": "big5hkscs", "euc-jp": "euc_jp",
          "iso-2022-jp": "iso2022_jp_3", "shift_jis": "cp932", "euc-kr": "cp949", "utf-8": "utf-8",
          "utf-16be": "utf-16le", "utf-16le": "utf-16le"}
LETTERS = "aZ09 <>\"'&/=\n\t\\~éüßżłЖдюשלםاكحกขḿ、。ァ日本語漢字①㈱ｱｶﾞ報告한국어簡體简体€￥〒～\U00020021\U0001f600"
ESCAPES = [b"\x1b(B", b"\x1b(J", b"\x1b(I", b"\x1b$B", b"\x1b$@", b"\x1b", b"\x1b(", b"\x1b$", b"\x1b$(D"]
MARKS = [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"]


def bytes_one_by_one():
    return [bytes([byte]) for byte in range(256)]


def pairs(encoding):
    """For each lead its pairs with every trail, each followed by what ends any state."""
    end = b"\n\0" if encoding == "utf-16le" else b"\0\n" if encoding == "utf-16be" else b"\n"
    start = b""
    if encoding == "iso-2022-jp":
        start, end = b"\x1b$B", b"\x1b(B\n"
    return [b"".join(start + bytes([lead, trail]) + end for trail in range(256))
            for lead in range(256)]


def longer(encoding):
    """What has three or four bytes: all of JIS X 0212, all of GB18030's first planes."""
    if encoding == "euc-jp":
        return [b"".join(bytes([0x8F, lead, trail, 10]) for trail in range(256))
                for lead in range(256)]
    if encoding in ("gbk", "gb18030"):
        return [b"".join(bytes([first, second, third, fourth, 10])
                         for third in range(0x80, 0x100) for fourth in range(0x2F, 0x3B))
                for first in (0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x8F, 0x90, 0x9A, 0xE2, 0xE3, 0xE4, 0xFE)
                for second in range(0x30, 0x3A)]
    return []


class Sequences:
    """Sequences of one to twelve pieces: text, cut text, text in UTF-8, escapes, any bytes."""

    POOL = 3000

    def __init__(self, encoding, seed):
        # Both orders of UTF-16 get the same: each is what the other one is with its mark.
        self.random = random.Random(f"{encoding[:6]} {seed}")
        self.codec = CODECS.get(encoding, "utf-8")
        self.has_escapes = encoding == "iso-2022-jp"
        self.pieces = [self.piece() for _ in range(self.POOL)]
        self.texts = [self.text(20).encode("utf-8") for _ in range(self.POOL // 10)]

    def text(self, most):
        return "".join(self.random.choices(LETTERS, k=self.random.randint(1, most)))

    def piece(self):
        choice = self.random.random()
        if choice < 0.35:
            return self.text(4).encode(self.codec, "ignore")
        if choice < 0.45:
            return self.text(4).encode("utf-8")
        if choice < 0.55:
            data = self.text(4).encode(self.codec, "ignore")
            return data[:self.random.randint(0, len(data))]
        if choice < 0.65 and self.has_escapes:
            return self.random.choice(ESCAPES)
        if choice < 0.8:
            return self.random.randbytes(self.random.randint(1, 4))
        return bytes(self.random.randint(0x80, 0xFF) for _ in range(self.random.randint(1, 4)))

    def one(self):
        choice = self.random.random()
        if choice < 0.05:
            return self.random.choice(self.texts)
        start = self.random.choice(MARKS) if choice < 0.08 else b""
        return start + b"".join(self.random.choices(self.pieces, k=self.random.randint(1, 12)))


def sequences(encoding, count, seed):
    source = Sequences(encoding, seed)
    return [source.one() for _ in range(count)]


def join(records, size):
    return [b"\n".join(records[at:at + size]) for at in range(0, len(records), size)]


def all_of(encoding, count, seed):
    """A decoding of its own for each byte and for a fifth of the sequences; the rest is joined."""
    records = sequences(encoding, count, seed)
    if encoding in SINGLE_BYTE:
        return bytes_one_by_one() + join(records, 50) + [mark + b"a\xe9" for mark in MARKS]
    alone, rest = records[:count // 5], records[count // 5:]
    return bytes_one_by_one() + alone + join(rest, 8) + pairs(encoding) + longer(encoding)
