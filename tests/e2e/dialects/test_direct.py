"""The dialects of real carriers against `POST …/test` by a bind of its own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.e2e.dialects.conftest import Direct
from tests.e2e.dialects.links import LINKS
from tests.e2e.dialects.receipts import ONE_PART_ONLY, RECEIPTS
from tests.e2e.dialects.refusals import OCTETS, REFUSALS
from tests.e2e.dialects.scenarios import BASE, Scenario
from tests.fixtures.raw_smsc import RawSmsc, bind_resp

NEVER = 0.6  # seconds that a test send waits for the receipt that does not come
OK, LATER = 0x00, 0x64
ALL = [BASE, *LINKS, *RECEIPTS, *ONE_PART_ONLY, *REFUSALS]


def play(scenario: Scenario, direct: Direct, carrier: RawSmsc, settings: Any) -> dict[str, Any]:
    scenario.play(carrier)
    if scenario.of_test_send == "no_receipt" or scenario in ONE_PART_ONLY:
        settings.CARRIER_TEST_RECEIPT_TIMEOUT = NEVER
    return direct.send(body=scenario.body, **scenario.credential)


@pytest.mark.parametrize("scenario", ALL, ids=str)
def test_a_test_send_says_what_became_of_it_and_answers_every_request_on_its_one_bind(
    scenario: Scenario, direct: Direct, raw_smsc: RawSmsc, settings: Any
):
    found = play(scenario, direct, raw_smsc, settings)

    assert found["status"] == scenario.of_test_send, found["error"]
    said = json.dumps([found["error"], found["steps"]], ensure_ascii=False)
    for words in scenario.says:
        assert json.dumps(words, ensure_ascii=False)[1:-1] in said
    if scenario.code:
        assert found["smpp_status"]["name"] == scenario.code
        assert scenario.code in found["error"]["message"]
    assert len(raw_smsc.submits) == (scenario.parts if not scenario.submits else 1)

    assert raw_smsc.unanswered == []
    assert len(raw_smsc.binds) == raw_smsc.connections == 1
    assert len(raw_smsc.got("unbind")) == 1
    # What is not of this message stays with the carrier.
    assert set(raw_smsc.statuses("deliver_sm_resp")) <= {OK, LATER}
    if scenario.name.startswith("d16"):
        assert raw_smsc.statuses("deliver_sm_resp") == [LATER, OK]


def test_a_seat_that_is_taken_is_named(direct: Direct, raw_smsc: RawSmsc):
    """d03: the carrier allows one session."""
    raw_smsc.answers_binds_with(bind_resp(status=0x05))

    found = direct.send()

    assert (found["status"], found["error"]["cause"]) == ("failed", "already_bound")
    assert found["smpp_status"]["name"] == "ESME_RALYBND"


def test_a_test_send_frees_its_seat_at_once(direct: Direct, raw_smsc: RawSmsc):
    """d03: by an unbind; a session that is reset would keep its seat for minutes."""
    raw_smsc.has_seats(1, after_reset=120)
    BASE.play(raw_smsc)

    assert direct.send()["status"] == "delivered"
    raw_smsc.wait_for(lambda: not raw_smsc.bound)
    assert [each.status for each in raw_smsc.sent("unbind_resp")] == [0]


@pytest.mark.parametrize(("mark", "text", "wire"), OCTETS)
def test_octets_are_what_their_data_coding_says(
    mark: int, text: str, wire: list, direct: Direct, raw_smsc: RawSmsc
):
    """d19"""
    BASE.play(raw_smsc)

    found = direct.send(body=text, gsm_data_coding=mark)

    assert found["status"] == "delivered"
    seen = [(each.fields["data_coding"], each.fields["short_message"]) for each in raw_smsc.submits]
    assert seen == wire
    assert found["segments"] == len(wire)


@pytest.mark.parametrize(
    ("mark", "text"), [(3, "a" * 150), (3, "a" * 140), (1, "a" * 150), (0, "a" * 160)]
)
def test_segments_are_submits_on_the_wire(
    mark: int, text: str, direct: Direct, raw_smsc: RawSmsc, settings: Any
):
    """d19"""
    settings.CARRIER_TEST_RECEIPT_TIMEOUT = NEVER

    found = direct.send(body=text, gsm_data_coding=mark)

    assert found["segments"] == len(raw_smsc.submits)
    longest = 140 if mark == 3 else 160  # octets, or septets in as many octets
    assert all(len(each.fields["short_message"]) <= longest for each in raw_smsc.submits)
