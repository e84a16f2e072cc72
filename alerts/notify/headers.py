"""The headers of a mail, as the bytes that are sent.

Belongs here: making other people's text safe in a header. Does not: which headers a mail has (email.py).
Python's own header objects read encoded words (RFC 2047) in what they are given, and before 3.11.10 write the line
breaks in them out again: a name like `=?utf-8?q?x=0D=0ABcc:_…?=` added headers of its choice. Nothing is read here:
what is not plain ASCII, or only looks encoded, is encoded as it stands.
"""

import re
from collections.abc import Iterable
from email.header import Header
from email.utils import quote

from alerts.notify.wording import one_line

_NAME = re.compile(r"[A-Za-z][A-Za-z-]*")
_LINE = re.compile(r"[^\x00-\x1f\x7f]+")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_LONGEST_PLAIN = 240
"""Longer lines are folded. Not at 78: some programs show a blank where a subject was folded, and 998 is the limit."""

_LOCAL = r"[^\x00-\x20\x7f-\x9f\ud800-\udfff\s()<>\[\]:;@\\,\"]+"
ADDRESS = re.compile(rf"(?!.*=\?){_LOCAL}@({_LOCAL}|\[[0-9A-Za-z.:]+\])")
"""One mail address: no name, no comment, nothing quoted, nothing that could be read as an encoded word."""


def text_value(name: str, text: str) -> str:
    """Text of others as the value of the header `name`: on one line; what looks encoded stays as it looks."""
    line = one_line(text)
    return line if _is_plain(line) else _encoded(name, line)


def mailbox_value(name: str, display_name: str, address: str) -> str:
    """`Display name <address>` as the value of the header `name`, or the address alone where there is no name."""
    shown = one_line(display_name)
    if not shown:
        return address
    if not _is_plain(shown):
        shown = _encoded(name, shown)
    elif not _ATOMS.fullmatch(shown):
        shown = f'"{quote(shown)}"'
    return f"{shown} <{address}>"


def header_block(headers: Iterable[tuple[str, str]]) -> bytes:
    """Headers in their order, each ended by CRLF. Raises ValueError on a value that would not stay one header."""
    return b"".join(_header(name, value) for name, value in headers)


def _header(name: str, value: str) -> bytes:
    lines = value.split("\r\n ")
    if not _NAME.fullmatch(name) or not all(_LINE.fullmatch(line) and line.strip() for line in lines):
        raise ValueError(f"The value of the mail header {name!r} would not stay one header.")
    return f"{name}: {value}\r\n".encode()


def _is_plain(line: str) -> bool:
    return line.isascii() and "=?" not in line and len(line) <= _LONGEST_PLAIN


def _encoded(name: str, line: str) -> str:
    return Header(line, "utf-8", header_name=name).encode(linesep="\r\n")
