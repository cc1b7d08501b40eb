from __future__ import annotations

from io import BytesIO

import pytest
from rest_framework.exceptions import ParseError

from orbit.api.parsers import csv_rows
from orbit.api.parsers.csv_rows import CsvRows, Row


def read(body: bytes, length: int | None = None) -> list[Row]:
    return list(CsvRows(BytesIO(body), length=len(body) if length is None else length))


def test_rows_know_the_line_on_which_they_begin():
    body = b'a,b\r\n\r\n"1\n2",3\n\n4,5'
    assert read(body) == [Row(1, ["a", "b"]), Row(3, ["1\n2", "3"]), Row(6, ["4", "5"])]


def test_no_bytes_are_no_rows():
    assert read(b"") == []
    assert read(b"\n\r\n") == []


def test_separators_of_unicode_end_no_line():
    text = "a\u2028b\x0bc\x85d"
    assert read(f"{text},e\nf,g".encode()) == [Row(1, [text, "e"]), Row(2, ["f", "g"])]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'a\n"b\nc\n', "never closed, in the row that begins on line 2"),
        (b'a\nb\n"c"d\n', "closes a cell, in the row that begins on line 3"),
        (b"a\rb", "carriage return alone"),
        (b"a\nb\xff\n", "not UTF-8, on line 2"),
        (b"\xff\xfea\x00", "not UTF-8, on line 1"),
    ],
)
def test_what_is_no_csv_says_where(body, said):
    with pytest.raises(ParseError, match=said):
        read(body)


def test_a_body_that_ends_early_is_none():
    """Whoever sent it has gone away: JSON would break, CSV would only be shorter."""
    with pytest.raises(ParseError, match="after 4 of 9 bytes"):
        read(b"a\nb\n", length=9)


def test_rows_come_before_the_fault_does():
    rows = iter(CsvRows(BytesIO(b"a\nb\n\xff"), length=5))
    assert [next(rows).cells, next(rows).cells] == [["a"], ["b"]]
    with pytest.raises(ParseError):
        next(rows)


@pytest.mark.parametrize(
    "body",
    [
        b"x\n" * 30,
        b"\n" * 30,
        b'"' + b"\n" * 30 + b'"',
        b'x,"' + b'\n","' * 30 + b'"',
    ],
)
def test_lines_are_counted_however_short_they_are(monkeypatch, body):
    monkeypatch.setattr(csv_rows, "MAX_LINES", 20)
    with pytest.raises(ParseError, match="more than 20 lines"):
        read(body)


@pytest.mark.parametrize("body", [b"a\n" + b"," * 30, b'a\n"' + b"x" * 30, b'a\n"' + b'\n","' * 30])
def test_a_row_has_an_end(monkeypatch, body):
    monkeypatch.setattr(csv_rows, "MAX_ROW", 20)
    with pytest.raises(ParseError, match="more than 20 bytes"):
        read(body)


def test_many_small_rows_are_no_long_one(monkeypatch):
    monkeypatch.setattr(csv_rows, "MAX_ROW", 20)
    assert len(read(b'"1\n2",3\n' * 30)) == 30
