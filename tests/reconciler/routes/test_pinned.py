"""A credential's own user: its messages go out through its bind alone, and receipts come back."""

from __future__ import annotations

import secrets

import pytest

from messaging.carrier_tests import run
from messaging.carrier_tests.models import CarrierTest
from messaging.gateway import Accepted, Refusal, Refused, Submit
from messaging.smpp.protocol.segmentation import encode
from reconciler.gateway_client import trunks
from reconciler.loop import reconcile
from tests.reconciler.conftest import change
from tests.reconciler.log_reading import read_log
from tests.reconciler.routes.rows import make_carrier

pytestmark = pytest.mark.stack

FRANCE = "+33612345678"


def submit(credential, text="hello", to=FRANCE, token="t0ken"):
    trunk = trunks.trunks([credential.pk])[credential.pk]
    (answer,) = trunk.submit_many([Submit(secrets.token_hex(8), token, "ACME", to, encode(text))])
    return answer


def test_it_goes_out_through_its_trunk_whatever_the_destination(gateway, add_credential, smsc):
    own = add_credential("own")
    make_carrier(add_credential("france"), ["FR"])
    reconcile(gateway, trigger="command")

    assert isinstance(submit(own), Accepted)
    assert isinstance(submit(own, "héllo €", to="+14155552671"), Accepted)

    smsc.wait_for(lambda: len(smsc.system("own").submits) == 2)
    assert [each.text for each in smsc.system("own").submits] == ["hello", "héllo €"]
    assert smsc.system("france").submits == []


def test_a_connector_that_was_replaced_sends_at_once(gateway, add_credential, smsc):
    own = add_credential("own")
    reconcile(gateway, trigger="command")
    for password in ("first", "second"):
        smsc.system("own").password = password
        change(own, password=password)
        reconcile(gateway, trigger="command")
        smsc.wait_for(lambda: smsc.system("own").live_binds == 1)

    for text in ("one", "two", "three"):
        assert isinstance(submit(own, text), Accepted)

    # Jasmin holds what a former life of the connector has taken for 30 s.
    smsc.wait_for(lambda: len(smsc.system("own").submits) == 3, timeout=15)


def test_a_text_beyond_gsm_arrives_as_it_was_written(gateway, add_credential, smsc):
    own = add_credential("own")
    reconcile(gateway, trigger="command")

    assert isinstance(submit(own, "привет 👋"), Accepted)

    smsc.wait_for(lambda: len(smsc.system("own").submits) == 1)
    (sent,) = smsc.system("own").submits
    assert (sent.text, sent.data_coding) == ("привет 👋", 8)


def test_a_bind_that_is_down_refuses_at_once(gateway, add_credential, smsc, console):
    own = add_credential("own", faults=["wrong-password"])
    reconcile(gateway, trigger="command")

    refused = submit(own)

    assert isinstance(refused, Refused)
    assert (refused.kind, refused.retryable) == (Refusal.NOT_BOUND, True)


def test_a_credential_that_jasmin_does_not_know_yet_is_told_apart(gateway, add_credential):
    refused = submit(add_credential("own"))

    assert isinstance(refused, Refused)
    assert refused.kind is Refusal.NOT_SYNCED


@pytest.fixture
def tested(gateway, live_server, settings):
    """`tested(credential)`: a test send through the gateway that a worker has begun."""
    settings.DLR_BASE_URL = live_server.url

    def test(credential) -> CarrierTest:
        row = CarrierTest.objects.create(
            carrier=make_carrier(credential, ["FR"]),
            credential=credential,
            via="gateway",
            to=FRANCE,
            sender="ACME",
            body="hello",
            encoding="gsm7",
            segments=1,
            dlr_token="0123456789abcdef0123456789abcdef",
        )
        reconcile(gateway, trigger="command")
        run.run(row.pk)
        return row

    return test


def test_a_test_send_is_delivered_and_its_receipt_comes_back(gateway, add_credential, smsc, tested):
    test = tested(add_credential("own", faults=["late-receipt:1"]))  # after the answer's report

    def delivered():
        read_log(gateway)
        test.refresh_from_db()
        return test.status == "delivered"

    smsc.wait_for(delivered, timeout=30)
    steps = [(step["step"], step["ok"]) for step in test.steps]
    assert steps == [("submit", True), ("submit", True), ("receipt", True)]
    assert test.message_id == smsc.system("own").submits[0].receipt_id


def test_a_test_send_says_that_the_bind_is_down(add_credential, tested):
    test = tested(add_credential("own", faults=["wrong-password"]))

    test.refresh_from_db()
    assert (test.status, test.cause) == ("failed", "not_bound")
    assert test.error == "its bind is down: no connector is bound"
    assert test.hint


def test_a_disabled_credential_takes_nothing(gateway, add_credential):
    own = add_credential("own")
    reconcile(gateway, trigger="command")
    change(own, enabled=False)
    reconcile(gateway, trigger="command")

    refused = submit(own)

    assert isinstance(refused, Refused)
    assert refused.kind is Refusal.NOT_SYNCED
