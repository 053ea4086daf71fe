# SPDX-License-Identifier: Apache-2.0
"""Three decoders of the WHATWG Encoding standard, with and without what Chromium 156 does otherwise.

What two or three bytes mean comes from a function that is given; None where they mean nothing.
"""
BAD = "\N{REPLACEMENT CHARACTER}"
ESCAPE = 0x1B
TWO = {b"\x88\x62": "\xca\u0304", b"\x88\x64": "\xca\u030c", b"\x88\xa3": "\xea\u0304", b"\x88\xa5": "\xea\u030c"}


def big5(data, meaning, is_chromium):
    """The four pairs of two code points: Chromium gives half of the one, and an error."""
    out, at = "", 0
    while at < len(data):
        lead, trail = data[at], data[at + 1] if at + 1 < len(data) else None
        if lead < 0x80:
            out, at = out + chr(lead), at + 1
        elif lead in (0x80, 0xFF) or trail is None:
            out, at = out + BAD, at + 1
        else:
            text = TWO.get(data[at:at + 2]) or meaning(data[at:at + 2])
            if data[at:at + 2] in TWO and is_chromium:
                text = chr(0x93 if text[0] == "\xca" else 0xB3) + BAD
            out, at = out + (text or BAD), at + (1 if text is None and trail < 0x80 else 2)
    return out


class EucJp:
    """Chromium forgets that a 0x8F was read only with the next two bytes that can be a character."""

    def __init__(self, meaning, is_chromium):
        self.meaning, self.is_chromium, self.lead, self.is_jis0212 = meaning, is_chromium, 0, False

    def byte(self, byte):
        lead = self.lead
        if not lead:
            self.lead = byte if byte in (0x8E, 0x8F) or 0xA1 <= byte <= 0xFE else 0
            return "" if self.lead else chr(byte) if byte < 0x80 else BAD
        self.lead = 0
        if lead == 0x8E and 0xA1 <= byte <= 0xDF:
            return chr(0xFF61 - 0xA1 + byte)
        if lead == 0x8F and 0xA1 <= byte <= 0xFE:
            self.is_jis0212, self.lead = True, byte
            return ""
        text = None
        if 0xA1 <= lead <= 0xFE and 0xA1 <= byte <= 0xFE:
            text = self.meaning((b"\x8f" if self.is_jis0212 else b"") + bytes([lead, byte]))
            self.is_jis0212 = False
        if not self.is_chromium:
            self.is_jis0212 = False
        return text or BAD + (chr(byte) if byte < 0x80 else "")

    def end(self):
        return BAD if self.lead else ""


class Iso2022Jp:
    """
    Behind an escape that begins no sequence, Chromium drops the errors of the two bytes that it
    reads again, and at the end of the text takes the first of them as it is.
    """

    SETS = {b"(B": "ascii", b"(J": "roman", b"(I": "katakana", b"$@": "lead", b"$B": "lead"}

    def __init__(self, meaning, is_chromium):
        self.meaning, self.is_chromium = meaning, is_chromium
        self.state = self.set = "ascii"
        self.lead, self.is_just_set = 0, False

    def character(self, text):
        self.is_just_set = False
        return text

    def byte(self, byte):
        if self.state == "start":
            return self.escape_start(byte)
        if self.state == "escape":
            return self.escape(byte)
        if byte == ESCAPE:
            is_cut = self.state == "trail"
            self.state = "start"
            return BAD if is_cut else ""
        if self.state == "trail":
            self.state = "lead"
            if not 0x21 <= byte <= 0x7E:
                return BAD
            return self.meaning(bytes([self.lead | 0x80, byte | 0x80])) or BAD
        if self.state == "lead":
            if not 0x21 <= byte <= 0x7E:
                return self.character(BAD)
            self.lead, self.state = byte, "trail"
            return self.character("")
        if self.state == "katakana":
            return self.character(chr(0xFF61 - 0x21 + byte) if 0x21 <= byte <= 0x5F else BAD)
        if self.state == "roman" and byte in b"\\~":
            return self.character("\xa5" if byte == 0x5C else "\u203e")
        return self.character(chr(byte) if byte < 0x80 and byte not in b"\x0e\x0f" else BAD)

    def escape_start(self, byte):
        if byte in b"$(":
            self.lead, self.state = byte, "escape"
            return ""
        self.state = self.set
        return self.character(BAD) + self.byte(byte)

    def escape(self, byte):
        lead, found = self.lead, self.SETS.get(bytes([self.lead, byte]))
        if found:
            was_just_set = self.is_just_set
            self.state = self.set = found
            self.is_just_set = True
            return BAD if was_just_set else ""
        self.state = self.set
        again = self.character("") + self.byte(lead) + self.byte(byte)
        return BAD + (again.replace(BAD, "") if self.is_chromium else again)

    def end(self):
        if self.state == "escape":
            if self.is_chromium:
                return BAD + chr(self.lead)
            lead, self.state = self.lead, self.set
            return BAD + self.byte(lead) + self.end()
        return BAD if self.state in ("start", "trail") else ""


def run(decoder, data):
    return "".join(decoder.byte(byte) for byte in data) + decoder.end()


MODELS = {
    "big5": big5,
    "euc-jp": lambda data, meaning, is_chromium: run(EucJp(meaning, is_chromium), data),
    "iso-2022-jp": lambda data, meaning, is_chromium: run(Iso2022Jp(meaning, is_chromium), data),
}
