"""The validators of credentials."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.credentials import validators

CONSOLE_TEXTS = [
    validators.system_id,
    validators.password,
    validators.system_type,
    validators.address_range,
]
REACH_THE_CONSOLE = [*CONSOLE_TEXTS, validators.host]
PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))


@pytest.mark.parametrize("check", [*REACH_THE_CONSOLE, validators.name])
@pytest.mark.parametrize(
    "bad", ["a\rb", "a\nb", "a\tb", "a\x1bb", "a\x00b", "a\x7fb", "a\n", "\ra"]
)
def test_control_characters_are_refused_everywhere(check, bad):
    with pytest.raises(ValueError):
        check(bad)


@pytest.mark.parametrize("check", REACH_THE_CONSOLE)
@pytest.mark.parametrize("bad", ["pä", "€", "x\u00a0y", "\u202ex", "１２７", "😀"])
def test_what_is_not_ascii_is_refused_where_it_reaches_the_console(check, bad):
    with pytest.raises(ValueError):
        check(bad)


@pytest.mark.parametrize("check", [*REACH_THE_CONSOLE, validators.name])
@pytest.mark.parametrize("bad", ["none", "None", "NONE", "nOnE"])
def test_the_word_none_is_refused_in_any_case(check, bad):
    with pytest.raises(ValueError, match="none"):
        check(bad)


@pytest.mark.parametrize("check", [*REACH_THE_CONSOLE, validators.name])
def test_ten_kilobytes_are_refused_and_not_quoted(check):
    with pytest.raises(ValueError) as refusal:
        check("x" * 10_240)
    assert len(str(refusal.value)) < 300


@pytest.mark.parametrize("check", CONSOLE_TEXTS)
@pytest.mark.parametrize("bad", [" a", "a ", " "])
def test_spaces_at_the_edges_are_refused(check, bad):
    with pytest.raises(ValueError, match=r"[Ss]paces"):
        check(bad)


@pytest.mark.parametrize("check", CONSOLE_TEXTS)
@pytest.mark.parametrize(
    "good", ['a"b', "a'b", ";", "#", "+x", "\\", "a b", "-1", "?", "nonex", "`$(x)"]
)
def test_what_only_looks_dangerous_passes_byte_for_byte(check, good):
    assert check(good) == good


@pytest.mark.parametrize(
    ("check", "limit"),
    [
        (validators.system_id, 15),
        (validators.password, 16),
        (validators.system_type, 12),
        (validators.address_range, 40),
        (validators.name, 64),
    ],
)
def test_each_text_has_its_limit(check, limit):
    assert check("x" * limit) == "x" * limit
    with pytest.raises(ValueError, match=str(limit)):
        check("x" * (limit + 1))


def test_the_limit_of_a_password_says_why():
    with pytest.raises(ValueError, match=r"don't bind: SMPP 3\.4 §5\.2\.2 allows 8"):
        validators.password("12345678901234567")


def test_every_printable_ascii_character_may_stand_in_a_password():
    for start in range(0, len(PRINTABLE), 8):
        part = PRINTABLE[start : start + 8]
        assert validators.password(part) == part


@given(
    st.text(max_size=20)
    | st.text(st.characters(min_codepoint=0x1F, max_codepoint=0x80), max_size=9)
)
def test_a_password_passes_exactly_if_it_is_safe_on_a_console_line(text):
    safe = set(text) <= set(PRINTABLE + " ") and text == text.strip() and text.lower() != "none"
    try:
        passed = validators.password(text) == text
    except ValueError:
        passed = False
    assert passed == (safe and 1 <= len(text) <= 16)


@pytest.mark.parametrize(
    "good", ["Orange FR", "Überträger", "运营商", "اپراتور‌ها", "👨‍👩‍👧 Mobile"]
)
def test_a_name_takes_any_script(good):
    assert validators.name(good) == good


@pytest.mark.parametrize("bad", ["", "   ", "a\u202eb", "a\u2028b", "a\x85b", "a\ue000b"])
def test_a_name_has_only_characters_that_can_be_seen(bad):
    with pytest.raises(ValueError):
        validators.name(bad)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("SMPP.Carrier.Example.", "smpp.carrier.example"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:DB8:0::1", "2001:db8::1"),
    ],
)
def test_a_host_is_kept_in_one_spelling(typed, kept):
    assert validators.host(typed) == kept


@pytest.mark.parametrize("good", [[0, 0], [1, 1], [6, 18], [5, 9]])
def test_ton_and_npi_that_smpp_knows_pass(good):
    assert validators.ton_npi(good) == good


@pytest.mark.parametrize(
    "bad",
    [[7, 1], [1, 2], [-1, 1], [1], [1, 1, 1], [], "11", None, [True, 1], [1.0, 1], ["1", 1], {}],
)
def test_other_pairs_are_refused(bad):
    with pytest.raises(ValueError):
        validators.ton_npi(bad)
