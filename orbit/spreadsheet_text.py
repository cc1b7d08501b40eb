"""Texts of people in a CSV file: no spreadsheet takes one for a formula, in whatever locale."""

from __future__ import annotations

import re
import unicodedata

_STARTS = "=+-@|%"  # of a formula, or of a DDE link
# A spreadsheet splits cells at the separator of its locale, whatever the file was written with; and
# what stands behind a blank still starts the cell.
_BLANKS = r"""(?:[^\S\t\r\n]|[\u200b\ufeff"'])*"""
_STARTS_OF_CELLS = re.compile(rf"(^|[;,\t\r\n])({_BLANKS})(?=(.))", re.DOTALL)


def harmless(text: str) -> str:
    """The text, with an apostrophe wherever a cell could start with a formula."""
    return _STARTS_OF_CELLS.sub(_quoted, text.replace("\0", ""))


def _quoted(found: re.Match[str]) -> str:
    # NFKC: a full-width = is a = for a spreadsheet of an East Asian locale.
    first = unicodedata.normalize("NFKC", found[3])[:1]
    return found[0] if first not in _STARTS else f"{found[1]}'{found[2]}"
