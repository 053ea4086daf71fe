#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the samples of TNEF and of compressed RTF: make_tnef.py

Writes the corpora of tests/fuzz (tnef, rtf, some mails of message) and the mails of
tests/golden that hold a winmail.dat, by the published formats ([MS-OXTNEF], [MS-OXRTFCP],
[MS-OXRTFEX]). Made anew they come out the same, byte for byte.
"""
import base64
import pathlib
import struct

TESTS = pathlib.Path(__file__).resolve().parent.parent
CORPUS = TESTS / "fuzz" / "corpus"

SIGNATURE = struct.pack("<IH", 0x223E9F78, 1)
MESSAGE, FILE = 1, 2
ATT_BODY, ATT_PAGE = 0x0002800C, 0x00069007
ATT_PROPS, ATT_FILE, ATT_TITLE = 0x00069003, 0x00069002, 0x00018010
ATT_DATA, ATT_FILE_PROPS = 0x0006800F, 0x00069005
LONG, OBJECT, STRING8, UNICODE, BINARY = 3, 0x0D, 0x1E, 0x1F, 0x102
BODY, RTF, HTML, PAGE = 0x1000, 0x1009, 0x1013, 0x3FDE
DATA, NAME, TYPE, CID = 0x3701, 0x3707, 0x370E, 0x3712
IID_MESSAGE = bytes.fromhex("0703020000000000c000000000000046")

FIRST_WINDOW = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript "
    rb"\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n" rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)


def attribute(level, number, data):
    return struct.pack("<BII", level, number, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def value(kind, data):
    if kind == LONG:
        return struct.pack("<I", data)
    data = {STRING8: data + b"\0", UNICODE: data + b"\0\0"}.get(kind, data)
    return struct.pack("<II", 1, len(data)) + data + b"\0" * (-len(data) % 4)


def props(*rows):
    """Each (type, id, data); a named one has its name behind."""
    out = struct.pack("<I", len(rows))
    for kind, number, data, *name in rows:
        out += struct.pack("<HH", kind, number)
        for text in name:
            text = text.encode("utf-16-le") + b"\0\0"
            out += bytes(16) + struct.pack("<II", 1, len(text)) + text + b"\0" * (-len(text) % 4)
        out += value(kind, data)
    return out


def tnef(*attributes):
    return SIGNATURE + attribute(MESSAGE, ATT_PAGE, struct.pack("<II", 1252, 0)) + b"".join(attributes)


def file(title, *rows, data=None):
    out = attribute(FILE, ATT_FILE, bytes(14)) + attribute(FILE, ATT_TITLE, title + b"\0")
    if data is not None:
        out += attribute(FILE, ATT_DATA, data)
    return out + attribute(FILE, ATT_FILE_PROPS, props(*rows))


def message(*attributes):
    return (OBJECT, DATA, IID_MESSAGE + tnef(*attributes))


def compress(rtf):
    """LZFu with references, found by trying each place of the window."""
    window, out, items = bytearray(4096), bytearray(), []
    window[: len(FIRST_WINDOW)] = FIRST_WINDOW
    at, n = len(FIRST_WINDOW), 0
    while n < len(rtf):
        best, length = longest(window, at, rtf[n : n + 17])
        if length >= 2:
            items.append((1, struct.pack(">H", best << 4 | length - 2)))
        else:
            length = 1
            items.append((0, rtf[n : n + 1]))
        for byte in rtf[n : n + length]:
            window[at] = byte
            at = (at + 1) % 4096
        n += length
    items.append((1, struct.pack(">H", at << 4)))
    for start in range(0, len(items), 8):
        run = items[start : start + 8]
        out.append(sum(bit << i for i, (bit, _) in enumerate(run)))
        out += b"".join(data for _, data in run)
    return struct.pack("<II4sI", len(out) + 12, len(rtf), b"LZFu", 0) + bytes(out)


def longest(window, at, wanted):
    """A reference may not reach the place that is written next: that says the end."""
    for length in range(len(wanted), 1, -1):
        start = window.find(wanted[:length])
        if start >= 0 and not start <= at < start + length:
            return start, length
    return 0, 0


HTML_RTF = (
    rb"{\rtf1\ansi\ansicpg1252\fromhtml1 \deff0{\fonttbl{\f0\fswiss Arial;}"
    rb"{\f1\fmodern\fcharset204 Courier;}}" b"\r\n"
    rb"{\*\htmltag18 <html>}{\*\htmltag50 <body>}" b"\r\n"
    rb"{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 visible words\'20\htmlrtf\par}\htmlrtf0 "
    rb"{\*\htmltag84 <a href="
    b'"https://evil.example/x">}' rb"\htmlrtf {\field{\*\fldinst HYPERLINK}{\fldrslt\htmlrtf0 "
    rb"link \f1\'ec\'e8\'f0\f0  a \u8364? {\*\htmltag84 &amp;}\htmlrtf &\htmlrtf0  b\htmlrtf }\htmlrtf0 "
    rb"{\*\htmltag92 </a>}{\*\mhtmltag84 <a href=" b'"x">}'
    rb"{\*\htmltag72 </p>}{\*\htmltag58 </body>}{\*\htmltag27 </html>}}"
)
TEXT_RTF = (
    rb"{\rtf1\ansi\ansicpg1250{\fonttbl{\f0\fcharset238 Arial;}}{\colortbl\red0;}{\info{\title no}}"
    rb"\f0 visible text \'e1 {\field{\*\fldinst HYPERLINK " b'"https://evil.example/"'
    rb"}{\fldrslt words}}\par \endash\bin3 {{{\u-10179?\u-8704? {\pict\bin2 }}00ff}\{\}\\}"
)
PDF = b"%PDF-1.4 made\n"
HEADER = (
    "From: Alice <alice@example.org>\r\nTo: soc@example.net\r\nSubject: s\r\n"
    "Date: Tue, 03 Mar 2026 10:20:30 +0100\r\nMessage-ID: <{}@example.org>\r\nMIME-Version: 1.0\r\n"
)
FILES = (
    file(b"a.pdf", (UNICODE, NAME, "a.pdf".encode("utf-16-le")), (STRING8, TYPE, b"application/pdf"),
         data=PDF),
    file(b"HELD~1.TXT", (STRING8, NAME, b"held.txt"), (STRING8, TYPE, b"text/plain"), (BINARY, DATA, b"held")),
)
STREAMS = {
    "plain": tnef(attribute(MESSAGE, ATT_BODY, b"visible text \xe9\0"), *FILES),
    "html": tnef(attribute(MESSAGE, ATT_PROPS, props(
        (LONG, 0x8005, 7, "named"), (LONG, PAGE, 65001),
        (BINARY, HTML, "<p>visible html é</p>".encode()))), *FILES),
    "unicode": tnef(attribute(MESSAGE, ATT_PROPS, props(
        (UNICODE, BODY, "visible text é".encode("utf-16-le"))))),
    "rtf": tnef(attribute(MESSAGE, ATT_PROPS, props((BINARY, RTF, compress(TEXT_RTF)))), *FILES),
    "rtf-html": tnef(attribute(MESSAGE, ATT_PROPS, props((BINARY, RTF, compress(HTML_RTF)))), *FILES),
    "message": tnef(
        attribute(MESSAGE, ATT_BODY, b"outer words"),
        file(b"inner", message(attribute(MESSAGE, ATT_BODY, b"inner words"), *FILES)), FILES[1]),
}


def nest(depth):
    inner = tnef(attribute(MESSAGE, ATT_BODY, b"words"))
    for _ in range(depth - 1):
        inner = tnef(file(b"m", (OBJECT, DATA, IID_MESSAGE + inner)))
    return inner


def write_mail(path, name, stream, text=None, kind="application/ms-tnef"):
    mail = HEADER.format(name)
    part = (f'Content-Type: {kind}; name="winmail.dat"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
            + base64.encodebytes(stream).decode().replace("\n", "\r\n"))
    if text:
        mail += (f"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n"
                 f"{text}\r\n--b\r\n{part}--b--\r\n")
    else:
        mail += part
    path.write_bytes(mail.encode())


def main():
    STREAMS["nested"] = nest(8)
    STREAMS["too-deep"] = nest(9)
    (CORPUS / "tnef").mkdir(exist_ok=True)
    (CORPUS / "rtf").mkdir(exist_ok=True)
    for name, stream in STREAMS.items():
        (CORPUS / "tnef" / name).write_bytes(stream)
    (CORPUS / "tnef" / "cut").write_bytes(STREAMS["html"][:-40])
    (CORPUS / "tnef" / "counts").write_bytes(
        tnef(attribute(MESSAGE, ATT_PROPS, struct.pack("<IHHI", 0xFFFFFFFF, 0x1003, 1, 0xFFFFFFFF))))
    for name, rtf in (("html", HTML_RTF), ("text", TEXT_RTF)):
        (CORPUS / "rtf" / name).write_bytes(rtf)
        (CORPUS / "rtf" / (name + "-compressed")).write_bytes(compress(rtf))
    (CORPUS / "rtf" / "deep").write_bytes(rb"{\rtf1" + rb"{\b" * 600 + b"x")
    (CORPUS / "rtf" / "stored").write_bytes(
        struct.pack("<II4sI", 12 + len(TEXT_RTF), len(TEXT_RTF), b"MELA", 0) + TEXT_RTF)
    golden = TESTS / "golden" / "mails"
    write_mail(golden / "tnef-html.eml", "tnef-html", STREAMS["html"], "plain words")
    write_mail(golden / "tnef-rtf-html.eml", "tnef-rtf-html", STREAMS["rtf-html"])
    write_mail(golden / "tnef-rtf.eml", "tnef-rtf", STREAMS["rtf"], kind="application/octet-stream")
    write_mail(golden / "tnef-cut.eml", "tnef-cut", STREAMS["html"][:-40])
    for name in ("message", "nested", "plain", "rtf-html"):
        write_mail(CORPUS / "message" / f"tnef_{name.replace('-', '_')}.eml", name, STREAMS[name],
                   "words" if name == "plain" else None)


if __name__ == "__main__":
    main()
