"""Normalised host names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.net.hostnames import normalise_host


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("SMPP.Carrier.Example", "smpp.carrier.example"),
        ("smpp.carrier.example.", "smpp.carrier.example"),
        ("localhost", "localhost"),
        ("_smpp._tcp.carrier.example", "_smpp._tcp.carrier.example"),
        ("a_b.example", "a_b.example"),
        ("3com.example", "3com.example"),
        ("1.example", "1.example"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("faß.example", "xn--fa-hia.example"),  # IDNA 2008; Python's own codec says fass.example
        ("smpp。carrier。example", "smpp.carrier.example"),
        ("192.0.2.10", "192.0.2.10"),
        ("192.0.2.10.", "192.0.2.10"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("::ffff:192.0.2.10", "192.0.2.10"),
        ("::FFFF:c000:20a", "192.0.2.10"),
        ("a" * 63 + ".example", "a" * 63 + ".example"),
        (".".join(["a" * 61] * 4) + ".bcdef", ".".join(["a" * 61] * 4) + ".bcdef"),  # 253
    ],
)
def test_a_host_has_one_spelling(written, stored):
    assert normalise_host(written) == stored
    assert normalise_host(stored) == stored


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "write a host name"),
        (".", "empty"),
        ("a..example", "empty"),
        (".example", "empty"),
        ("carrier.example..", "empty"),
        (" carrier.example", "Spaces"),
        ("carrier.example\n", "Spaces"),
        ("carrier\0.example", "control"),
        ("carrier.example:2775", "`port`"),
        ("192.0.2.10:2775", "`port`"),
        ("[2001:db8::1]", "without brackets"),
        ("[2001:db8::1]:2775", "without brackets"),
        ("smpp://carrier.example", "without scheme or path"),
        ("carrier.example/x", "without scheme or path"),
        ("user@carrier.example", "without a user"),
        ("fe80::1%eth0", "Zone"),
        ("2001:db8::12345", "Not an IPv6 address"),
        ("1:2:3", "Not an IPv6 address"),
        ("-a.example", "no hyphen"),
        ("a-.example", "no hyphen"),
        ("a;b.example", "Use only letters"),
        ("a*.example", "Use only letters"),
        ("a" * 64 + ".example", "63"),
        (".".join(["a" * 61] * 4) + ".bcdefg", "253"),
        ("ü" * 100_000, "253"),
        ("\u2028.example", "Spaces"),
        ("a\u200b.example", "Spaces"),
        ("☃\u0301\u202e.example", "Spaces"),
    ],
)
def test_what_is_no_host_is_refused_with_what_to_write(written, said):
    with pytest.raises(ValueError, match=said):
        normalise_host(written)


@pytest.mark.parametrize(
    "written",
    [
        "0x7f.1",
        "0x7f000001",
        "2130706433",
        "127.1",
        "127.0.1",
        "0177.0.0.1",
        "127.0.0.01",
        "00000000177.0.0.1",
        "1.2.3.4.5",
        "256.1.1.1",
        "carrier.1",
        "0x",
        "１２７．０．０．１",  # noqa: RUF001 - wide digits and dots
        "127。0。0。1",
        "①②⑦.⓪.⓪.①",
    ],
)
def test_an_ipv4_address_in_a_spelling_that_only_resolvers_know_is_refused(written):
    with pytest.raises(ValueError, match="four decimal numbers|Not a host name"):
        normalise_host(written)


@given(st.text(max_size=80))
def test_any_text_is_either_refused_or_stays_what_it_became(text):
    try:
        host = normalise_host(text)
    except ValueError:
        return
    assert host.isascii()
    assert host == host.lower()
    assert normalise_host(host) == host


@given(st.text(alphabet="0123456789abcfx.:%[]", max_size=30))
def test_whatever_looks_like_a_number_at_the_end_is_a_whole_address(text):
    try:
        host = normalise_host(text)
    except ValueError:
        return
    last = host.rpartition(".")[2]
    assert ":" in host or not last.isdigit() or len(host.split(".")) == 4
