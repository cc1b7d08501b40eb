"""What a platform submits to a number that has opted out, by a raw socket and smpplib."""

from __future__ import annotations

import pytest
import smpplib.client

from orbit.dev.stack import Jasmin
from tests.reconciler.launcher.jasmin_client import JasminClient
from tests.reconciler.launcher.operator import Operator

pytestmark = pytest.mark.stack

NUMBER, OTHER = ("+33612345678", "33"), ("+33699999999", "33")
INVALID_DESTINATION, STATUS_TEXT = 0x0B, 0x001D


@pytest.fixture
def bind(reused: JasminClient, carrier):
    """The carrier, and a user whose submits it gets; its connector is bound."""
    smsc = carrier()
    return smsc, reused.open(smsc)


def test_it_is_refused_with_a_text_and_others_are_not(reused: JasminClient, bind) -> None:
    smsc, user = bind
    site = Operator(reused.jasmin)
    site.opt_out(user, 1, NUMBER)

    with reused.platform(user) as platform:
        refused = platform.submit(destination_addr="33612345678")
        accepted = platform.submit(destination_addr="33699999999")
        site.opt_out(user, 2, gone=[NUMBER], since=1)
        again = platform.submit(destination_addr="33612345678")

    assert (refused.command, refused.status) == ("submit_sm_resp", INVALID_DESTINATION)
    assert refused.tlv(STATUS_TEXT) == b"opted out\0"
    assert refused.padding == b""
    assert (accepted.status, again.status) == (0, 0)
    reused.wait(lambda: len(smsc.system("acme").submits) == 2)
    sent = [each.fields["destination_addr"] for each in smsc.system("acme").submits]
    assert sent == ["33699999999", "33612345678"]


def test_smpplib_which_takes_no_tlv_there_gets_none_where_operators_say_so(
    bare: Jasmin, request: pytest.FixtureRequest, carrier
) -> None:
    """smpplib 2.2.4 ends with a KeyError at a TLV that it does not know of submit_sm_resp."""
    bare.settings = {"SMPP_SERVER_STATUS_TEXT": "no"}
    launched = request.getfixturevalue("launched")  # starts it
    user = launched.open(carrier())
    Operator(bare).opt_out(user, 1, NUMBER)
    answers = []
    client = smpplib.client.Client(
        bare.smpp_host, bare.smpp_port, timeout=20, allow_unknown_opt_params=True
    )
    client.set_message_sent_handler(lambda pdu: answers.append(pdu.status))
    client.set_error_pdu_handler(lambda pdu: None)  # it raises else
    client.connect()
    with client:
        client.bind_transceiver(system_id=user, password="pw")
        for number in (NUMBER[0], OTHER[0]):
            client.send_message(source_addr="1", destination_addr=number[1:], short_message=b"hi")
            client.read_once()

    assert answers == [INVALID_DESTINATION, 0]


def test_the_list_is_there_before_the_first_bind_after_a_kill(reused: JasminClient, bind) -> None:
    _, user = bind
    Operator(reused.jasmin).opt_out(user, 1, NUMBER)

    reused.jasmin.kill()
    reused.jasmin.start()
    reused.wait_until_bound(user)
    with reused.platform(user) as platform:
        assert platform.submit(destination_addr="+33612345678").status == INVALID_DESTINATION
        assert platform.submit(destination_addr="+33699999999").status == 0


def test_what_waits_when_the_number_opts_out_is_not_sent(reused: JasminClient, carrier) -> None:
    smsc = carrier("slow:0.3")
    user = reused.open(smsc, window=1)
    site = Operator(reused.jasmin)
    site.opt_out(user, 1, OTHER)

    with reused.platform(user) as platform:
        first = platform.submit(destination_addr="33600000000", receipts=0)
        waiting = platform.submit(destination_addr="33612345678")
        last = platform.submit(destination_addr="33600000001", receipts=0)
        site.opt_out(user, 2, NUMBER, since=1)
        receipt = platform.receipt()

    assert (first.status, waiting.status, last.status) == (0, 0, 0)
    assert b" stat:UNDELIV " in receipt.payload
    reused.wait(lambda: len(smsc.system("acme").submits) == 2)
    sent = [each.fields["destination_addr"] for each in smsc.system("acme").submits]
    assert sent == ["33600000000", "33600000001"]


def test_what_the_site_submitted_and_no_carrier_has_yet_is_not_sent(
    reused: JasminClient, carrier
) -> None:
    """By a credential's user, who is in the group of the organisation's list."""
    smsc = carrier("slow:0.3")
    user = reused.open(smsc, window=1)
    site = Operator(reused.jasmin)
    numbers = ["+33600000000", NUMBER[0], "+33600000001"]
    tokens = [f"{user}.{n}" for n in range(3)]
    submits = [
        {"token": token, "from": "ACME", "to": to, "parts": [b"hi".hex()]}
        for token, to in zip(tokens, numbers, strict=True)
    ]

    said = site.ask("POST", "submits", {"submits": submits}, user=user, password="pw")
    site.opt_out(user.partition("-")[2], 1, NUMBER)

    assert said["http"] == 200
    reused.wait(lambda: len(smsc.system("acme").submits) == 2)
    sent = [each.fields["destination_addr"] for each in smsc.system("acme").submits]
    assert sent == ["+33600000000", "+33600000001"]
    said = site.ask("GET", f"log?after={site.after}&wait=0&log={site.log}")["records"]
    (record,) = [each for each in said if each.get("token") == tokens[1]]
    assert (record["kind"], record["why"]) == ("not_sent", "the number has opted out")


def test_lists_are_changed_by_the_consoles_user_alone(reused: JasminClient, bind) -> None:
    _, user = bind
    site = Operator(reused.jasmin)
    change = {"user": user, "from": None, "version": 1, "whole": False, "add": "", "remove": ""}

    for path, wrong, status in [
        ("opt-outs", {"lists": "all"}, 400),
        ("opt-outs", {"lists": [change | {"user": "../key"}]}, 400),
        ("opt-outs", {"lists": [change | {"version": 0}]}, 400),
        ("opt-outs", {"lists": [change | {"add": "AAAA"}]}, 400),
        ("opt-outs", {"lists": [change | {"add": "*"}]}, 400),
        ("opt-outs", {"lists": [change], "key": "another"}, 409),
    ]:
        assert site.ask("POST", path, wrong)["http"] == status, wrong
    assert site.ask("GET", "opt-outs", password="wrong")["http"] == 401
    assert site.ask("POST", "opt-outs", {"lists": [change]}, password="wrong")["http"] == 401
    assert site.ask("GET", f"opt-outs?user={user}")["lists"] == {}
