"""Bytes to text."""

import codecs

from charset_normalizer import from_bytes

WESTERN = "cp1252"
_MARGIN = 0.1
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""The longer mark first, where one begins with another."""


class NotTextError(ValueError):
    """Bytes that are no text in any encoding."""


def decode(data: bytes) -> str:
    r"""Return the text of a file, its line ends all `\n`.

    A byte order mark decides, then UTF-8, then what the bytes look like.

    :raises NotTextError: For bytes that are no text.
    """
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return _decoded(data, encoding)
    if b"\0" in data:
        raise NotTextError
    try:
        return _lines(data.decode("utf-8"))
    except UnicodeDecodeError:
        return _decoded(data, _guess(data))


def _guess(data: bytes) -> str:
    matches = from_bytes(data)
    best = matches.best()
    if best is None:
        raise NotTextError
    # A lone pound sign makes some English look Japanese: the common encoding wins where it reads as well.
    western = (m for m in matches if WESTERN in m.could_be_from_charset)
    likely = any(m.coherence >= best.coherence - _MARGIN for m in western)
    return WESTERN if likely else best.encoding


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return _lines(data.decode(encoding))
    except UnicodeError as error:
        raise NotTextError from error


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
