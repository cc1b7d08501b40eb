"""TON, NPI, `+` and data coding at the carrier, of messages that went through the real Jasmin.

What the launcher adds to it is in `tests/reconciler/test_addresses.py`.
"""

from __future__ import annotations

import itertools

import pytest

from messaging.credentials.models import default_addressing
from messaging.gateway import Accepted, Submit
from messaging.smpp.protocol.segmentation import encode
from reconciler.gateway_client import trunks
from reconciler.loop import reconcile
from tests.reconciler.routes.platform import Platform
from tests.reconciler.routes.rows import ACCESS_PASSWORD, give_access, make_carrier

pytestmark = pytest.mark.stack

ODD = default_addressing() | {"long_code": [2, 8], "destination": [4, 3]}


@pytest.fixture
def sent(gateway, add_credential, smsc):
    """`sent(**fields of the credential)`: a pinned message as the carrier got it."""

    numbers = itertools.count()

    def send(text: str = "hello €", **fields):
        own = add_credential(f"acme{next(numbers)}", **fields)
        reconcile(gateway, trigger="command")
        submit = Submit(
            f"{own.pk}.1",
            "t0ken",
            "+33700000001",
            "+33612345678",
            encode(text, own.gsm_data_coding),
        )
        (answer,) = trunks.trunks([own.pk])[own.pk].submit_many([submit])
        assert isinstance(answer, Accepted), answer
        (submit,) = smsc.wait_for(lambda: smsc.system(own.system_id).submits)
        return submit

    return send


def addresses(submit) -> tuple[tuple[int, int, str], tuple[int, int, str]]:
    return (
        (submit.source_addr_ton, submit.source_addr_npi, submit.source_addr),
        (submit.dest_addr_ton, submit.dest_addr_npi, submit.destination_addr),
    )


def test_numbers_go_out_by_their_types(sent):
    assert addresses(sent()) == ((1, 1, "33700000001"), (1, 1, "33612345678"))
    assert addresses(sent(addressing=ODD)) == ((2, 8, "33700000001"), (4, 3, "33612345678"))


def test_numbers_keep_their_plus_where_it_is_wanted(sent):
    addressing = default_addressing() | {"plus": True}

    assert addresses(sent(addressing=addressing)) == (
        (1, 1, "+33700000001"),
        (1, 1, "+33612345678"),
    )


@pytest.mark.parametrize(
    ("coding", "text", "octets"),
    [(0, "hello €", b"hello \x1be"), (1, "hello", b"hello"), (3, "à bientôt", b"\xe0 bient\xf4t")],
)
def test_texts_have_the_coding_that_the_carrier_wants_for_them(sent, coding, text, octets):
    submit = sent(text, gsm_data_coding=coding)

    assert (submit.data_coding, submit.short_message) == (coding, octets)


@pytest.mark.parametrize("coding", [0, 1, 3])
def test_other_texts_are_ucs2_whatever_gsm_texts_have(sent, coding):
    submit = sent("привет 👋", gsm_data_coding=coding)

    assert (submit.text, submit.data_coding) == ("привет 👋", 8)


def test_a_platforms_sender_is_typed_as_its_carrier_wants(
    gateway, organization, add_credential, smsc, jasmin
):
    """The platform does not know its carrier. Destination and coding pass as they are."""
    make_carrier(add_credential("acme", addressing=ODD, gsm_data_coding=3), ["FR"])
    give_access(organization)
    reconcile(gateway, trigger="command")

    with Platform(jasmin, organization.gateway_key, ACCESS_PASSWORD) as bind:
        assert bind.submit("33612345678") == 0

    (submit,) = smsc.wait_for(lambda: smsc.system("acme").submits)
    assert addresses(submit) == ((2, 8, "33600000000"), (1, 1, "33612345678"))
    assert submit.data_coding == 0
