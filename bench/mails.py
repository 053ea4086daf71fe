# SPDX-License-Identifier: Apache-2.0
"""Mails as newsletters are: HTML of table rows with inline styles and links, in four charsets,
encoded subjects; the large ones carry a PDF."""
import base64
import binascii
import quopri
import random
import time

# Mails of a mailbox, bytes of a mail, bytes of its HTML, bytes of its PDF.
SIZES = {"4k": (20_000, 4 << 10, 2_050, 0), "50k": (2_000, 50 << 10, 46_000, 0),
         "1m": (200, 1 << 20, 60_000, 700 << 10)}

# A charset, and a word that needs it.
_CHARSETS = (("utf-8", "Lücke – Größe"), ("iso-8859-15", "Lücke € Größe"),
             ("windows-1252", "Lücke – “Größe”"), ("koi8-r", "уязвимость"))
_WORDS = ("indicator", "campaign", "phishing", "hash", "domain", "loader", "beacon", "actor",
          "payload", "stealer", "exploit", "sector")
_LINE = 76


def _prose(generator, word, length):
    words = []
    while length > 0:
        words.append(generator.choice(_WORDS) if generator.random() < 0.9 else word)
        length -= len(words[-1]) + 1
    return " ".join(words)


def _row(generator, word, number):
    host = f"{generator.choice(_WORDS)}{generator.randrange(1000)}.example"
    return ('<tr style="background-color:#f4f4f4"><td align="left" style="font-family:Arial,'
            'sans-serif;font-size:13px;padding:4px 8px">'
            f'<a href="https://{host}/r?id={number}&amp;c={generator.randrange(10**6)}" '
            f'style="color:#0055aa">{_prose(generator, word, 40)}</a></td>\r\n'
            f'<td style="padding:4px">{_prose(generator, word, 60)}</td></tr>\r\n')


def _html(generator, word, charset, length):
    head = ('<html><body style="margin:0"><table width="600" cellpadding="0" cellspacing="0" '
            'border="0">\r\n')
    tail = "</table></body></html>\r\n"
    rows, number = [], 0
    length -= len(head) + len(tail)
    while length > 0:
        row, number = _row(generator, word, number), number + 1
        rows.append(row)
        length -= len(row.encode(charset))
    return head + "".join(rows) + tail


def _quoted_printable(text, charset):
    data = quopri.encodestring(text.replace("\r\n", "\n").encode(charset))
    return data.replace(b"\n", b"\r\n")


def _subject(number, word, charset):
    text = f"Bulletin {number:05d} {word}".encode(charset)
    if number % 2:
        return f"=?{charset}?B?{base64.b64encode(text).decode()}?="
    return f"=?{charset}?Q?{binascii.b2a_qp(text, header=True).decode().replace(chr(10), '')}?="


def _part(kind, charset, body, encoding="quoted-printable"):
    return (f"--b1\r\nContent-Type: {kind}; charset={charset}\r\n"
            f"Content-Transfer-Encoding: {encoding}\r\n\r\n").encode() + body + b"\r\n"


def _pdf(generator, length):
    data = base64.encodebytes(generator.randbytes(length)).replace(b"\n", b"\r\n")
    return (b"--b1\r\nContent-Type: application/pdf; name=brief.pdf\r\n"
            b"Content-Disposition: attachment; filename=brief.pdf\r\n"
            b"Content-Transfer-Encoding: base64\r\n\r\n" + data)


def make_mail(number, name, when):
    """The mail of that number of a size; the same for the same arguments. Bytes."""
    _, size, html, pdf = SIZES[name]
    generator = random.Random(f"{name} {number}")
    charset, word = _CHARSETS[number % len(_CHARSETS)]
    date = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(when))
    head = (f"From: CERT <cert@intel.example>\r\nTo: soc@corp.example\r\n"
            f"Subject: {_subject(number, word, charset)}\r\nDate: {date}\r\n"
            f"Message-ID: <{number}.{name}@intel.example>\r\nMIME-Version: 1.0\r\n"
            f'Content-Type: multipart/mixed; boundary="b0"\r\n\r\n--b0\r\n'
            'Content-Type: multipart/alternative; boundary="b1"\r\n\r\n').encode()
    shown = _part("text/html", charset,
                  _quoted_printable(_html(generator, word, charset, html), charset))
    file = _pdf(generator, pdf).replace(b"--b1", b"--b0", 1) if pdf else b""
    left = size - len(head) - len(shown) - len(file) - 130
    plain = "\r\n".join(_prose(generator, _WORDS[0], _LINE - 8)
                        for _ in range(max(1, left // (_LINE - 4))))
    return (head + _part("text/plain", charset, plain.encode(charset), "7bit") + shown
            + b"--b1--\r\n" + file + b"--b0--\r\n")
