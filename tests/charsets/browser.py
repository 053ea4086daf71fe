# SPDX-License-Identifier: Apache-2.0
"""Byte strings as Chromium's TextDecoder reads them."""

import pathlib
import struct
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "safe"))

import chromium  # noqa: E402
import works  # noqa: E402


def pack(records: list[bytes]) -> bytes:
    return b"".join(struct.pack("<I", len(record)) + record for record in records)


def unpack(data: bytes) -> list[bytes]:
    records, at = [], 0
    while at < len(data):
        length = struct.unpack_from("<I", data, at)[0]
        records.append(data[at + 4:at + 4 + length])
        at += 4 + length
    return records


def is_there() -> bool:
    return chromium.find() is not None


def decode(records: list[list[bytes]], seconds: int) -> list[list[bytes]]:
    """For each work, a label and byte strings, the encoding's name and the strings as UTF-8."""
    page = (HERE / "page.html").read_bytes()
    return [unpack(answer) for answer in works.answers(page, list(map(pack, records)), seconds)]
