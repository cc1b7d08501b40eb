"""The first word of a text."""

from __future__ import annotations

import pytest

from messaging.own_numbers.keywords import find, first_repeated, word

KNOWN = [{"word": "Info"}, {"word": "#1"}, {"word": "ÉTÉ"}, {"word": "straße"}]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("info", "Info"),
        ("INFO now", "Info"),
        ("\n info\tnow", "Info"),
        ("ＩＮＦＯ", "Info"),
        ("info.", "Info"),
        ("(Info), please", "Info"),
        ("#1 please", "#1"),
        ("1", None),
        ("été", "ÉTÉ"),
        ("ete", None),
        ("STRASSE", "straße"),
        ("infos", None),
        ("my info", None),
        ("", None),
        ("...", None),
        ("\u200binfo", "Info"),
    ],
)
def test_it_is_compared_without_case_and_width(body, found):
    keyword = find(KNOWN, body)

    assert (keyword and keyword["word"]) == found


@pytest.mark.parametrize("text", ["", "two words", "a\nb", "x" * 33, "a\u0007"])
def test_a_keyword_is_one_word(text):
    with pytest.raises(ValueError, match="keyword"):
        word(text)


def test_a_word_that_is_there_twice_is_found():
    assert first_repeated(["a", "B", "Ａ", "b"]) == (2, 0)
    assert first_repeated(["a", "b"]) is None
