"""A recipient's text is measured before it is made, and as it is encoded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.campaigns import template
from messaging.campaigns.rendering import MAX_CHARACTERS, Filling
from messaging.smpp.protocol.text_encoding import TextTooLong, encode

characters = st.text(st.sampled_from("aZé€^|{[ñ¬я😀\n"), max_size=400)


@given(characters, characters, st.integers(1, 30))
def test_encoding_segments_and_fault_are_those_of_the_whole_text(plain, value, times):
    plain = plain.replace("{", "")
    body = plain + "{{x}}" * times
    whole = plain + value * times
    filled = Filling(body).of({"x": value})
    try:
        text = encode(whole)
    except TextTooLong as error:
        assert (filled.fault, filled.encoding) == ("TEXT_TOO_LONG", error.encoding.name)
        assert f"{error.units} {error.encoding.unit}" in filled.why
        # An escape that is not cut in two leaves a septet of its part empty.
        assert 0 <= error.segments - filled.segments <= error.segments / 60
        assert whole.startswith(filled.body.removesuffix("…"))
        assert len(filled.body) <= MAX_CHARACTERS + 1
    else:
        assert (filled.fault, filled.body) == ("", whole)
        assert (filled.encoding, filled.segments) == (text.encoding.name, text.segments)
    assert Filling(body).is_too_long({"x": value}) == bool(filled.fault)


@pytest.mark.parametrize("character", ["x", "я", "😀"])
def test_two_thousand_places_are_counted_and_not_made(monkeypatch, character):
    monkeypatch.setattr(template.Template, "render", lambda *of: pytest.fail("was rendered"))
    filled = Filling("{{a}}" * 2000).of({"a": character * 1530})
    units = 2000 * 1530 * len(character.encode("utf-16-be")) // 2
    assert filled.fault == "TEXT_TOO_LONG"
    assert f"{units} " in filled.why
    assert filled.body == character * 1530 + "…"
    assert 10 < filled.segments <= 32_767  # what a column of messages holds


def test_a_text_that_is_the_same_for_all_is_encoded_once():
    filling = Filling("Hello")
    assert filling.of({"a": "1"}) is filling.of({"a": "2"})


def test_a_recipient_without_a_variable_is_the_one_who_fails():
    filled = Filling("Hi {{name}}").of({})
    assert filled.fault == "MISSING_VARIABLE"
    assert "name" in filled.why
