"""CSV in (RFC 4180, UTF-8), read strictly and a row at a time: no body is in memory as rows.

What a body costs is bounded by its lines and by the size of a row, beside the size of the whole: a
line of one character costs as much as one of a hundred, and an open quote makes a row of all that
follows.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.http import parse_header_parameters
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from orbit.api.errors import ApiError

MAX_LINES = 1_000_000  # of a body, blank ones too
MAX_ROW = 1024 * 1024  # bytes
_BOM = b"\xef\xbb\xbf"
_UTF8 = {"utf-8", "utf8", "us-ascii"}


@dataclass(frozen=True)
class Row:
    """`line`: where it begins, from 1; cells in quotes may go on for more lines."""

    line: int
    cells: list[str]


class CsvParser(BaseParser):
    """`request.data` is `CsvRows`, of which nothing has been read yet."""

    media_type = "text/csv"

    def parse(self, stream, media_type=None, parser_context=None) -> CsvRows:
        charset = parse_header_parameters(media_type)[1].get("charset", "utf-8")
        if charset.lower() not in _UTF8:
            raise ApiError("UNSUPPORTED_MEDIA_TYPE", "CSV is read in UTF-8 only.")
        return CsvRows(stream, length=int(parser_context["request"].META["CONTENT_LENGTH"]))


class CsvRows:
    """The rows of a body, once, each when it is asked for. Blank lines are no rows.

    Raises ParseError (400) where the body stops being CSV: wrong bytes, an open quote, fewer bytes
    than `length`; and past `MAX_LINES` or `MAX_ROW`.
    """

    def __init__(self, stream: Iterable[bytes], *, length: int) -> None:
        self._stream = stream
        self._length = length
        self._row = 0  # bytes that were read of it

    def __iter__(self) -> Iterator[Row]:
        reader = csv.reader(self._lines(), strict=True)
        while True:
            line, self._row = reader.line_num + 1, 0
            try:
                cells = next(reader, None)
            except csv.Error as error:
                raise ParseError(
                    f"The body is not CSV: {_in_words(error)}, in the row that begins on line "
                    f"{line}."
                ) from None
            if cells is None:
                return
            if cells:
                yield Row(line, cells)

    def _lines(self) -> Iterator[str]:
        read = 0
        for number, line in enumerate(self._stream, start=1):
            read += len(line)
            self._row += len(line)
            if number > MAX_LINES:
                raise ParseError(f"The body has more than {MAX_LINES} lines; split it.")
            if self._row > MAX_ROW:
                raise ParseError(
                    f"A row has more than {MAX_ROW} bytes, or a quote that was opened is never "
                    f"closed, up to line {number}."
                )
            try:
                yield (line.removeprefix(_BOM) if number == 1 else line).decode("utf-8")
            except UnicodeDecodeError:
                raise ParseError(f"The body is not UTF-8, on line {number}.") from None
        if read < self._length:  # whoever sent it has gone away
            raise ParseError(f"The body ends after {read} of {self._length} bytes.")


def _in_words(error: csv.Error) -> str:
    """What the csv module means, for those who did not write the program."""
    text = str(error)
    known: dict[str, Any] = {
        "unexpected end of data": "a quote that was opened is never closed",
        "new-line character": "a line ends in a carriage return alone (take LF or CRLF)",
        "field larger": f"a cell has more than {csv.field_size_limit()} characters, or a quote "
        "that was opened is never closed",
        "expected after": "something follows the quote that closes a cell",
    }
    return next((words for part, words in known.items() if part in text), text)
