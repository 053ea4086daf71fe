# SPDX-License-Identifier: Apache-2.0
"""What becomes of an attachment's name and type, and whether the file can be opened."""
import mimetypes
import posixpath
import re

# The library's own table: what a system adds to it differs from one to the next.
_TYPES = mimetypes.MimeTypes(())
_ESCAPED = {'"': "%22", "\r": "%0D", "\n": "%0A"}
_ESCAPE = re.compile("%[0-9A-Fa-f]{2}")


def stored_name(name):
    """Without folders; what would break the request's header is escaped, and stays so."""
    name = posixpath.basename(name.rstrip("/"))
    return "".join(_ESCAPED.get(character, character) for character in name)


def shown_type(name):
    """By the ending; what the message says is ignored."""
    return _TYPES.guess_type(name)[0] or "application/octet-stream"


def open_status(name):
    """HTTP status of opening a stored file: its path is decoded once too often."""
    return 503 if _ESCAPE.search(name) else 200
