"""Cells of lists: what they say, and what a phone leaves out."""

from __future__ import annotations

import re

import pytest

from orbit.console import cells

REFUSED = (
    "Invalid password (ESME_RINVPASWD): the carrier refused the bind. Ask it for the password of "
    "this account, and rotate."
)


def text_of(cell: str) -> str:
    return re.sub(r"<[^>]*>", "", cell)


@pytest.mark.parametrize("text", ["no such name", REFUSED, "x" * 200, " " * 80])
def test_a_reason_is_whole_where_there_is_room(text):
    assert text_of(cells.said(text)) == text


def test_a_phone_shows_the_beginning_of_a_reason():
    begin = re.search(r'class="oc-begin">([^<]*)<', cells.said(REFUSED))[1]
    assert REFUSED.startswith(f"{begin} ")
    assert 30 < len(begin) <= cells.ON_A_PHONE


def test_a_very_long_reason_says_that_it_goes_on():
    shown = text_of(cells.said("word " * 500))
    assert len(shown) <= cells.LONGEST + 1
    assert shown.endswith("word…")


def test_what_people_wrote_is_no_markup():
    for cell in (cells.two("<b>", "<i>"), cells.said("<b>" * 40), cells.roomy("<b>"),
                 cells.spare("<b>"), cells.whole("<b>")):  # fmt: skip
        assert "<b>" not in cell
        assert "<i>" not in cell


def test_a_second_line_without_text_is_left_out():
    assert cells.two("first", cells.spare("")) == '<span class="oc-first">first</span>'


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 senders"), (1, "1 sender"), (2_000, "2,000 senders")]
)
def test_a_count_says_of_what(count, said):
    assert cells.counted(count, "sender") == said
