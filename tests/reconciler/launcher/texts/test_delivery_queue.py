"""Texts of phones on the binds of an organisation's own platform, by a raw socket and smpplib."""

from __future__ import annotations

import pytest

from messaging.smpp.protocol.tlv import Tlv
from tests.reconciler.launcher.jasmin_client import JasminClient
from tests.reconciler.launcher.operator import Operator, text
from tests.reconciler.launcher.texts.smpplib_platform import SmpplibPlatform

pytestmark = pytest.mark.stack

UDHI = 0x40


@pytest.fixture
def user(reused: JasminClient, carrier) -> str:
    """A user that may bind; its password is `pw`."""
    return reused.make(carrier())


@pytest.fixture
def site(reused: JasminClient, user: str) -> Operator:
    return Operator(reused.jasmin)


def test_a_text_comes_as_it_is_and_is_recorded_once_it_is_answered(reused, user, site) -> None:
    part = bytes([5, 0, 3, 0x5A, 2, 1]) + "é".encode("utf-16-be")
    raw = text(part, esm_class=UDHI, data_coding=8, protocol_id=1, tlvs=[Tlv(0x1400, b"\0x")])

    with reused.platform(user, "bind_receiver") as platform:
        said = site.deliver((user, "t1", raw), users=[user, "stranger"])
        pdu = platform.unanswered()
        before = list(site.read())
        platform.answer(pdu)
        reused.wait(site.read)

    assert said["results"] == [{"token": "t1", "accepted": True}]
    assert said["bound"] == [user]
    assert (pdu.fields["short_message"], pdu.number("esm_class")) == (part, UDHI)
    assert (pdu.number("data_coding"), pdu.number("protocol_id")) == (8, 1)
    assert pdu.tlv(0x1400) == b"\0x"
    assert before == []
    assert [(each["token"], each["status"]) for each in site.records] == [("t1", 0)]


def test_a_platform_that_is_not_bound_to_receive_gets_none(reused, user, site) -> None:
    with reused.platform(user, "bind_transmitter"):
        said = site.deliver((user, "t1", text(b"hi")), users=[user])

    assert said["bound"] == []
    assert said["results"] == [{"token": "t1", "accepted": False, "reason": "not_bound"}]
    assert site.read() == []


def test_a_token_is_sent_once_also_when_its_record_was_read(reused, user, site) -> None:
    again = (user, "t1", text(b"hi"))

    with reused.platform(user) as platform:
        site.deliver(again, again)
        platform.receipt()
        reused.wait(site.read)
        site.read()  # says that it has the record
        said = site.deliver(again, (user, "t2", text(b"next")))
        last = platform.receipt()

    assert [each["accepted"] for each in said["results"]] == [True, True]
    assert last.payload == b"next"


def test_what_the_platform_refuses_and_what_it_does_not_answer_is_recorded(
    reused, user, site
) -> None:
    with reused.platform(user) as platform:
        site.deliver((user, "t1", text(b"hi")), (user, "t2", text(b"hi")))
        platform.receipt(status=0x64)
        platform.unanswered()

    reused.wait(lambda: len(site.read()) == 2)
    ends = {each["token"]: (each["status"], each["why"]) for each in site.records}
    assert ends == {"t1": (0x64, ""), "t2": (None, "no_answer")}


def test_what_has_no_record_when_the_gateway_is_killed_is_given_again(reused, user, site) -> None:
    """`began` says up to where the log tells of the process before."""
    jasmin = reused.jasmin
    with reused.platform(user) as platform:
        first = site.deliver((user, "t1", text(b"one")), (user, "t2", text(b"two")))
        platform.receipt()
        reused.wait(site.read)
        platform.unanswered()
        jasmin.kill()
    jasmin.start()

    with reused.platform(user) as platform:
        second = site.deliver((user, "t2", text(b"two")))
        again = platform.receipt()
        reused.wait(lambda: len(site.read()) == 2)

    assert second["life"] != first["life"]
    assert second["began"] >= site.records[0]["n"]
    assert again.payload == b"two"
    assert [each["token"] for each in site.records] == ["t1", "t2"]


def test_texts_leave_in_order_a_window_at_once(reused, user, site) -> None:
    texts = [(user, f"t{n}", text(b"%d" % n)) for n in range(45)]

    with reused.platform(user) as platform:
        site.deliver(*texts)
        window = [platform.unanswered() for _ in range(20)]
        platform.patience(0.2)
        with pytest.raises(TimeoutError):
            platform.unanswered()
        platform.patience(20)
        for each in window:
            platform.answer(each)
        rest = [platform.receipt() for _ in range(25)]

    assert [pdu.payload for pdu in (*window, *rest)] == [b"%d" % n for n in range(45)]


def test_smpplib_takes_texts_on_all_its_binds(reused, user, site) -> None:
    texts = [(user, f"t{n}", text(b"%d" % n)) for n in range(8)]

    with (
        SmpplibPlatform(reused.jasmin, user) as one,
        SmpplibPlatform(reused.jasmin, user) as two,
    ):
        site.deliver(*texts)
        reused.wait(lambda: len(site.read()) == 8)

    assert all(each["status"] == 0 for each in site.records)
    assert sorted(one.texts + two.texts) == [b"%d" % n for n in range(8)]
    assert one.texts and two.texts


def test_requests_of_others_and_wrong_ones_hand_nothing_over(reused, user, site) -> None:
    long = [{"user": user, "token": "t" * 65, "pdu": ""}]
    wrong = [
        ({"log": "another"}, "", 409, "other_log"),
        ({"users": "all"}, "", 400, "malformed"),
        ({"deliveries": [{"user": user}]}, "", 400, "malformed"),
        ({"deliveries": long}, "", 400, "malformed"),
        ({}, "wrong", 401, "unauthorized"),
    ]
    submit = b"\0\0\0\x10\0\0\0\x15\0\0\0\0\0\0\0\1"

    for change, password, status, error in wrong:
        said = site.ask("POST", "deliveries", {"log": site.log} | change, password=password)
        assert (said["http"], said["error"]) == (status, error)
    with reused.platform(user):
        said = site.deliver((user, "1", submit), (user, "2", text(b"hi")[:-1]), (user, "3", b""))

    assert {each["reason"] for each in said["results"]} == {"invalid"}
