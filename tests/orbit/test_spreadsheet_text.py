"""Exports in the spreadsheets of every locale."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orbit.spreadsheet_text import harmless


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\uff1d1+1", "'\uff1d1+1"),  # full-width =
        ("\uff0b1", "'\uff0b1"),
        ("  =1+1", "'  =1+1"),
        ("\u00a0=1+1", "'\u00a0=1+1"),
        ("Acme;=1+1", "Acme;'=1+1"),
        ("Acme; =1+1;@x", "Acme;' =1+1;'@x"),
        ("Acme,=1+1", "Acme,'=1+1"),
        ("Acme\t=1+1", "Acme\t'=1+1"),
        ("Acme\r=1+1", "Acme\r'=1+1"),
        ("Acme\n\uff1d1", "Acme\n'\uff1d1"),
        ('Acme;"=1+1"', 'Acme;\'"=1+1"'),
        ("=1\0", "'=1"),
    ],
)
def test_no_cell_starts_with_a_formula(text: str, written: str) -> None:
    assert harmless(text) == written


@pytest.mark.parametrize("text", ["", "Acme", "Orange FR (2)", "a=b", "A-Z; B+C", "\u00e9", "3;4"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text


@given(st.text(alphabet="=+-@\uff1d\uff0b;,\t\n\r \u00a0\"'ab"))
def test_whatever_the_locale_splits_at(text: str) -> None:
    for cell in re.split("[;,\t\r\n]", harmless(text)):
        begin = unicodedata.normalize("NFKC", cell.strip(' \u00a0"'))[:1]
        assert begin not in set("=+-@")
