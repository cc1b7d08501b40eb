"""The trace of a credential: who may start it, what each role sees of it, how it fills in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from kombu.exceptions import OperationalError

from messaging.smpp.protocol import pdu
from messaging.smpp.protocol.tlv import Tlv
from orbit.accounts.models import AuditEvent
from reconciler import tasks
from reconciler.gateway_client.traced import TracedPdu
from reconciler.models import Gateway, Placement
from reconciler.traces import store
from reconciler.traces.store import State, Trace
from tests.orbit.console.conftest import last_event, path_of

CODE, NUMBER = b"7391-kiwi", b"491512345667"
LINK = ("192.0.2.1", 40000, "192.0.2.2", 2775)
SAID = (
    (True, pdu.write(
        "submit_sm", sequence=7, source_addr="ACME", source_addr_ton=5, destination_addr=NUMBER,
        short_message=CODE, registered_delivery=1, tlvs=[Tlv(0x1400, b"110\0")],
    )),
    (False, pdu.write("submit_sm_resp", sequence=7, status=0x58)),
    (False, pdu.write(
        "deliver_sm", sequence=1, esm_class=4, source_addr=NUMBER,
        short_message=b"id:A1 stat:DELIVRD err:000 text:" + CODE,
    )),
)  # fmt: skip


@pytest.fixture
def gateway(credential) -> Gateway:
    row = Gateway.objects.create(
        name="main", jcli_host="192.0.2.1", jcli_username="admin", jcli_password="secret!!",
        capabilities=["lane", "trace"],
    )  # fmt: skip
    Placement.objects.create(organization=credential.organization, gateway=row)
    return row


@pytest.fixture
def queued(monkeypatch, credential) -> Iterator[list[tuple[str, int | None]]]:
    """Ids of traces that workers are asked to go on with, and in how many seconds."""
    calls: list[tuple[str, int | None]] = []

    def queue(arguments, *, countdown, expires) -> None:
        assert expires > (countdown or 0)
        calls.append((*arguments, countdown))

    monkeypatch.setattr(tasks.follow_trace, "apply_async", queue)
    yield calls
    if (trace := store.of_credential(credential.pk)) is not None:
        store.discard(trace)


def start(client, credential, **form):
    return client.post(path_of(credential, "trace/start"), {"minutes": 5, **form}, follow=True)


def with_pdus(credential, state: State = State.ON) -> Trace:
    """The trace of the credential, with what was SAID."""
    trace = store.of_credential(credential.pk)
    pdus = [TracedPdu(n, 1.5, way, LINK, raw.hex()) for n, (way, raw) in enumerate(SAID, 1)]
    trace = store.keep(replace(trace, state=state, ends_at=trace.asked_at + 300), pdus, 3)
    store.write(trace)
    return trace


def fragment(client, credential, query: str = "") -> str:
    path = f"{path_of(credential, 'trace')}{query}"
    return client.get(path, headers={"HX-Request": "true"}).text


def test_an_operator_starts_it_and_the_page_waits_for_it(operator, credential, gateway, queued):
    assert path_of(credential, "trace") in operator.get(path_of(credential)).text
    page = start(operator, credential).text

    trace = store.of_credential(credential.pk)
    assert (trace.cid, trace.gateway) == (credential.gateway_key, gateway.pk)
    assert (trace.seconds, trace.texts) == (300.0, False)
    assert queued[:2] == [(trace.id, None), (trace.id, 301.0)]
    event = AuditEvent.objects.get(action="trace.started")
    assert (event.target, event.detail) == (credential.pk, "5 min, without texts")
    assert "Waiting for a worker" in page and 'hx-trigger="every 1s"' in page
    assert "Start a trace" not in page


def test_a_worker_is_asked_while_somebody_looks_and_until_it_is_over(
    operator, credential, gateway, queued
):
    start(operator, credential)
    with_pdus(credential)
    queued.clear()
    fragment(operator, credential)
    fragment(operator, credential)
    assert len(queued) <= 1

    with_pdus(credential, State.OVER)
    queued.clear()
    text = fragment(operator, credential)
    assert (queued, "hx-trigger" in text) == ([], False)


def test_the_table_says_what_was_said(operator, credential, gateway, queued):
    start(operator, credential)
    with_pdus(credential)

    text = fragment(operator, credential)

    for said in (
        "submit_sm", "submit_sm_resp", "ESME_RTHROTTLED", "ACME (TON 5, NPI 0)", "00:00:01.500",
        NUMBER.decode(), "0x1400", "to 192.0.2.2:2775", "from 192.0.2.2:2775", "3 PDUs",
    ):  # fmt: skip
        assert said in text, said
    assert text.index("deliver_sm") < text.index("submit_sm_resp")  # the newest first


@pytest.mark.parametrize("role", ["Read only", "Operator", "Admin"])
def test_each_role_sees_its_part_and_texts_are_for_who_asked_for_them(
    sign_in, administrator, credential, gateway, queued, role
):
    start(administrator, credential, texts="on")
    assert AuditEvent.objects.get(action="trace.started").detail == "5 min, with texts"
    with_pdus(credential)
    other, code = sign_in(role), CODE.decode()

    for path in ("", "1/", "3/"):
        mine = administrator.get(f"{path_of(credential, 'trace')}{path}").text
        theirs = other.get(f"{path_of(credential, 'trace')}{path}").text
        assert code in mine, path
        assert code not in theirs and CODE.hex() not in theirs, path
        assert (NUMBER.decode() in theirs) is (role != "Read only"), path
    receipt = "id:A1 stat:DELIVRD err:000 text:…"
    assert (receipt in fragment(other, credential)) is (role != "Read only")
    assert "ESME_RTHROTTLED" in fragment(other, credential)
    file = other.post(path_of(credential, "trace/pcapng"))
    assert file.status_code == (403 if role == "Read only" else 200)
    assert CODE not in file.content
    assert CODE in administrator.post(path_of(credential, "trace/pcapng")).content


@pytest.mark.parametrize("button", ["start", "stop", "pcapng"])
def test_read_only_operators_press_no_button(sign_in, credential, gateway, queued, button):
    client = sign_in("Read only")
    assert client.post(path_of(credential, f"trace/{button}")).status_code == 403
    assert last_event().outcome == "refused"
    assert queued == []
    assert "<button" not in fragment(client, credential)


def test_texts_need_the_right_to_read_them(operator, credential, gateway, queued):
    assert start(operator, credential, texts="on").status_code == 403
    assert (last_event().outcome, last_event().detail) == ("refused", "no right console.administer")
    assert store.of_credential(credential.pk) is None
    assert "with the texts" not in operator.get(path_of(credential, "trace")).text


def test_a_credential_has_one_trace(operator, credential, gateway, queued):
    start(operator, credential)
    before = AuditEvent.objects.count()
    assert "is running" in start(operator, credential).text
    assert AuditEvent.objects.count() == before


@pytest.mark.parametrize("minutes", ["", "0", "7", "99999", "²", "5.0"])
def test_it_lasts_as_long_as_it_may(operator, credential, gateway, queued, minutes):
    assert "no length" in start(operator, credential, minutes=minutes).text
    assert queued == []


def test_a_gateway_that_can_t_trace_says_so(operator, credential, gateway, queued):
    Gateway.objects.update(capabilities=["lane"])
    assert "traces nothing" in start(operator, credential).text
    Placement.objects.all().delete()
    assert "on no gateway" in start(operator, credential).text
    assert (queued, store.of_credential(credential.pk)) == ([], None)


def test_a_broker_that_is_away_takes_the_trace_and_its_audit_row_with_it(
    operator, credential, gateway, queued, monkeypatch
):
    def away(*arguments, **options):
        raise OperationalError

    monkeypatch.setattr(tasks.follow_trace, "apply_async", away)
    before = AuditEvent.objects.count()

    assert "the broker is away" in start(operator, credential).text
    assert (AuditEvent.objects.count(), store.of_credential(credential.pk)) == (before, None)


def test_stop_asks_the_worker_to_end_it(operator, credential, gateway, queued):
    assert "No trace" in operator.post(path_of(credential, "trace/stop"), follow=True).text
    start(operator, credential)
    trace = with_pdus(credential)

    operator.post(path_of(credential, "trace/stop"))

    assert store.is_to_stop(trace)
    assert last_event().action == "trace.stopped"


def test_the_file_is_named_and_audited(operator, credential, gateway, queued):
    assert operator.post(path_of(credential, "trace/pcapng")).status_code == 404
    start(operator, credential)
    with_pdus(credential, State.OVER)

    answer = operator.post(path_of(credential, "trace/pcapng"))

    assert answer.headers["Content-Type"] == "application/x-pcapng"
    assert "orange-fr-" in answer.headers["Content-Disposition"]
    assert (last_event().action, last_event().detail) == (
        "trace.downloaded", "3 PDUs, texts masked",
    )  # fmt: skip
    assert all(raw[16:24] in answer.content for _, raw in SAID)


def test_older_ones_have_a_page_that_stands_still(operator, credential, gateway, queued):
    start(operator, credential)
    trace = with_pdus(credential)
    more = [TracedPdu(n, 2.0, True, LINK, SAID[1][1].hex()) for n in range(14, 131)]
    store.write(store.keep(trace, more, 130))

    text = fragment(operator, credential)
    assert "10 older ones were dropped" in text and "?before=31" in text
    older = fragment(operator, credential, "?before=31")
    assert "ACME" in older and "hx-trigger" not in older
    for odd in ("?before=x", "?before=-1", f"?before={'9' * 30}", "?before=%00"):
        assert fragment(operator, credential, odd) != ""


def test_one_pdu_is_shown_whole(operator, credential, gateway, queued):
    assert operator.get(path_of(credential, "trace/1")).status_code == 404
    start(operator, credential)
    with_pdus(credential)

    text = operator.get(path_of(credential, "trace/2")).text

    assert "ESME_RTHROTTLED" in text and SAID[1][1].hex() in text
    assert operator.get(path_of(credential, "trace/4")).status_code == 404


def test_without_a_broker_the_page_shows_what_there_is(
    operator, credential, gateway, queued, monkeypatch
):
    start(operator, credential)
    with_pdus(credential)
    asked: list[object] = []

    def refuse(*args: object, **_: object) -> None:
        asked.append(args)
        raise OperationalError("the broker is away")

    monkeypatch.setattr(tasks.follow_trace, "apply_async", refuse)
    monkeypatch.setattr(store, "may_ask", lambda trace: True)

    assert "submit_sm_resp" in fragment(operator, credential)
    assert asked


def test_a_pdu_that_can_not_be_read_is_shown_with_its_fault(operator, credential, gateway, queued):
    start(operator, credential)
    trace = store.of_credential(credential.pk)
    cut = pdu.write("submit_sm", sequence=7, destination_addr=NUMBER)[:24]
    cut = len(cut).to_bytes(4, "big") + cut[4:]
    trace = replace(trace, state=State.ON, ends_at=trace.asked_at + 300)
    store.write(store.keep(trace, [TracedPdu(1, 1.5, True, LINK, cut.hex())], 1))

    for text in (
        fragment(operator, credential),
        operator.get(f"{path_of(credential, 'trace')}1/").text,
    ):
        assert "submit_sm ends before its" in text
