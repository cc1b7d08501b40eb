"""`/lane/metrics` of a gateway, as a Prometheus reads it."""

from __future__ import annotations

import base64
import http.client

from prometheus_client.parser import text_string_to_metric_families

from tests.reconciler.launcher.lane.conftest import CID, LaneProcess, settings, until
from tests.reconciler.launcher.lane.smsc import RESPONSE, SUBMIT, pdu
from tests.reconciler.metrics.explained import explained

THROTTLED, FAILED = 0x58, 0x45
BEARER = {"Authorization": "Bearer a-token"}


def get(program: LaneProcess, headers: dict[str, str]) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", program.port, timeout=40)
    connection.request("GET", "/lane/metrics", headers=headers)
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return response.status, text


def scrape(program: LaneProcess) -> dict[str, float]:
    """Values by name and labels: `{"orbit_connector_binds{connector=x}": 1}`."""
    status, text = get(program, BEARER)
    assert status == 200, text
    return {
        sample.name
        + "".join(f"{{{name}={value}}}" for name, value in sorted(sample.labels.items())): (
            sample.value
        )
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def of(values: dict[str, float], name: str, **labels: str) -> float:
    labels = {"connector": CID, **labels}
    return values[
        f"orbit_connector_{name}" + "".join(f"{{{k}={v}}}" for k, v in sorted(labels.items()))
    ]


def test_strangers_read_nothing(shared) -> None:
    basic = base64.b64encode(b"alice:secret").decode()

    for headers in ({}, {"Authorization": "Bearer a"}, {"Authorization": f"Basic {basic}"}):
        assert get(shared, headers)[0] == 401


def test_the_operator_reads_them_too(shared) -> None:
    basic = base64.b64encode(b"root:hush").decode()

    assert get(shared, {"Authorization": f"Basic {basic}"})[0] == 200


def test_answers_are_counted_by_class_with_their_times(lane, smsc) -> None:
    program = lane()
    statuses = iter((0, THROTTLED, FAILED))
    smsc.on[SUBMIT] = lambda link, sequence, body: link.send(
        pdu(SUBMIT | RESPONSE, sequence, b"id\0", status=next(statuses))
    )
    for _ in range(3):
        program.submit(program.message())
    program.wait_for_records(3, "answer")

    values = scrape(program)

    assert [of(values, "answers_total", **{"class": each}) for each in _CLASSES] == [1, 1, 1]
    assert of(values, "submits_total") == 3
    assert of(values, "answer_seconds_count") == 3
    assert of(values, "binds") == of(values, "binds_wanted") == 1
    assert of(values, "bound_timestamp_seconds") > 1_500_000_000


_CLASSES = ("ok", "throttled", "refused")


def test_what_waits_has_an_age_and_what_gets_no_answer_is_counted(lane, smsc) -> None:
    program = lane(window=1)
    smsc.on[SUBMIT] = lambda *_: None
    program.submit(program.message(), program.message())
    until(lambda: of(scrape(program), "in_flight") == 1)
    values = scrape(program)
    assert (of(values, "window"), of(values, "waiting")) == (1, 1)
    until(lambda: of(scrape(program), "waiting_oldest_seconds") > 0.3)

    impatient = settings(smsc.port, window=1, response_timeout=0.1)
    program.do("replace", cid=CID, settings=impatient)
    until(lambda: of(scrape(program), "unanswered_total") == 2)

    assert of(scrape(program), "waiting_oldest_seconds") == 0


def test_the_disk_the_journal_and_the_log_are_told(lane, smsc) -> None:
    program = lane()
    program.submit(program.message())
    program.wait_for_records(1, "answer")
    program.submit(program.message())

    values = until(lambda: (found := scrape(program))["orbit_gateway_log_unread_records"] and found)

    assert values["orbit_gateway_store_ok"] == 1
    assert 0 < values["orbit_gateway_journal_bytes"] < values["orbit_gateway_journal_limit_bytes"]
    assert 0 < values["orbit_gateway_disk_free_bytes"] < values["orbit_gateway_disk_size_bytes"]


def test_so_many_connectors_are_told_and_those_that_lack_a_bind_first(empty_lane, smsc) -> None:
    for cid in ("ob1", "ob2", "ob3"):
        empty_lane.do("add", cid=cid, settings=settings(smsc.port))
        empty_lane.bound(cid)
    empty_lane.do("add", cid="ob9", settings=settings(1))

    values = scrape(empty_lane)

    told = [f"ob{n}" for n in (1, 2, 3, 9) if f"orbit_connector_binds{{connector=ob{n}}}" in values]
    assert told == ["ob1", "ob2", "ob9"]
    assert values["orbit_gateway_connectors_left_out"] == 1
    for cid in ("ob1", "ob2", "ob3", "ob9"):
        empty_lane.do("remove", cid=cid)


def test_the_documents_explain_each_metric(shared) -> None:
    families = text_string_to_metric_families(get(shared, BEARER)[1])

    _, gateway = explained()
    assert {each.name + "_total" * (each.type == "counter") for each in families} == gateway
