"""A recipient's text is measured before it is made, and as it is encoded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.campaigns import template
from messaging.campaigns.rendering import MAX_CHARACTERS, TextRenderer
from messaging.smpp.protocol.segmentation import TextTooLong, encode

characters = st.text(st.sampled_from("aZé€^|{[ñ¬я😀\n"), max_size=400)


@given(characters, characters, st.integers(1, 30))
def test_encoding_segments_and_fault_are_those_of_the_whole_text(plain, value, times):
    plain = plain.replace("{", "")
    body = plain + "{{x}}" * times
    whole = plain + value * times
    rendered = TextRenderer(body).render({"x": value})
    try:
        text = encode(whole)
    except TextTooLong as error:
        assert (rendered.fault, rendered.encoding) == ("TEXT_TOO_LONG", error.encoding.name)
        assert f"{error.units} {error.encoding.unit}" in rendered.why
        # An escape that is not cut in two leaves a septet of its part empty.
        assert 0 <= error.segments - rendered.segments <= error.segments / 60
        assert whole.startswith(rendered.body.removesuffix("…"))
        assert len(rendered.body) <= MAX_CHARACTERS + 1
    else:
        assert (rendered.fault, rendered.body) == ("", whole)
        assert (rendered.encoding, rendered.segments) == (text.encoding.name, text.segments)
    assert TextRenderer(body).is_too_long({"x": value}) == bool(rendered.fault)


@pytest.mark.parametrize("character", ["x", "я", "😀"])
def test_two_thousand_places_are_counted_and_not_made(monkeypatch, character):
    monkeypatch.setattr(template.Template, "render", lambda *of: pytest.fail("was rendered"))
    rendered = TextRenderer("{{a}}" * 2000).render({"a": character * 1530})
    units = 2000 * 1530 * len(character.encode("utf-16-be")) // 2
    assert rendered.fault == "TEXT_TOO_LONG"
    assert f"{units} " in rendered.why
    assert rendered.body == character * 1530 + "…"
    assert 10 < rendered.segments <= 32_767  # what a column of messages holds


def test_a_text_that_is_the_same_for_all_is_encoded_once():
    renderer = TextRenderer("Hello")
    assert renderer.render({"a": "1"}) is renderer.render({"a": "2"})


def test_a_recipient_without_a_variable_is_the_one_who_fails():
    rendered = TextRenderer("Hi {{name}}").render({})
    assert rendered.fault == "MISSING_VARIABLE"
    assert "name" in rendered.why
