"""Connectors, as the real Jasmin 0.11.0 printed them."""

from __future__ import annotations

import pytest

from reconciler.jcli import connectors
from reconciler.jcli.connectors import Attempts, Row
from reconciler.jcli.errors import Garbled
from reconciler.state import Connector
from tests.reconciler.jcli.transcripts import load, reply

LIST = "smppccm -l"


def test_a_jasmin_without_connectors_has_none():
    assert connectors.read(reply("connectors/none", LIST)) == {}


def test_connectors_are_read_with_service_session_and_counters():
    longest = "twenty-five-characters---"

    assert connectors.read(reply("connectors/lists", LIST)) == {
        "obstopped": Row("obstopped", False, "NONE", 0, 0),
        "obrefused": Row("obrefused", True, "NONE", 1, 0),
        "obbound": Row("obbound", True, "BOUND_TRX", 1, 0),
        longest: Row(longest, True, "BOUND_RX", 1, 0),
    }


def test_a_truncated_list_is_garbled():
    answer = reply("connectors/lists", LIST)

    for length in range(len(answer)):
        with pytest.raises(Garbled):
            connectors.read(answer[:length])


@pytest.mark.parametrize(
    "row", ["#obone", "#obone  started", "#obone  running NONE 0 0", "#obone  started NONE 0"]
)
def test_a_row_that_can_not_be_read_is_garbled(row: str):
    with pytest.raises(Garbled):
        connectors.read([row, "Total connectors: 1"])


def test_settings_are_read_byte_for_byte():
    found = connectors.read_settings(reply("connectors/shows", "smppccm -s obone"))

    assert found["host"] == "192.0.2.1"
    assert found["username"] == "ac me"
    assert found["password"] == 'p;"#+\\%s'
    assert found["systype"] == ""
    assert found["addr_range"] == "None"
    assert (found["ssl"], found["bind_ton"], found["trx_to"]) == ("yes", "5", "0")


def test_attempts_are_connections_and_binds():
    said = reply("connectors/attempts", "stats --smppc obcounted")

    assert connectors.read_attempts(said) == Attempts(connected=1, bound=1)


def test_attempts_of_a_connector_that_is_gone_are_garbled():
    with pytest.raises(Garbled):
        connectors.read_attempts(reply("connectors/attempts", "stats --smppc nosuch"))


def test_a_new_connector_is_typed_as_jasmin_took_it():
    connector = Connector(
        "obbound",
        running=True,
        settings={"port": "{port}", "username": "acme"},
        password="secret",
    )
    command = connectors.add(connector)
    session = load("connectors/lists")
    ends = next(at for at, each in enumerate(session) if command.success in each.answer)
    taken = session[ends - len(command.lines) + 1 : ends + 1]

    assert set(command.lines) == {each.typed for each in taken}
    assert taken[0].typed == command.lines[0]


def test_an_update_is_typed_as_jasmin_took_it():
    command = connectors.update("obone", {"submit_throughput": "70", "elink_interval": "60"})
    session = load("connectors/updates")
    start = next(at for at, each in enumerate(session) if each.typed == "smppccm -u obone")

    assert command.lines == tuple(each.typed for each in session[start : start + 4])
    assert command.success in session[start + 3].answer


@pytest.mark.parametrize(
    "build", [connectors.start, connectors.stop, connectors.remove], ids=["start", "stop", "remove"]
)
def test_success_is_one_exact_line(build):
    command = build("obone")
    answers = [e.answer for e in load("connectors/failures") if e.typed == command.lines[0]]

    assert (command.success,) in answers
    failures = [answer for answer in answers if command.success not in answer]
    assert failures
    assert all(answer[0].startswith(("Failed", "Unknown connector")) for answer in failures)


def test_a_connector_that_is_gone_already_is_as_good_as_removed():
    said = reply("connectors/failures", "smppccm -r obone")

    assert tuple(said) == connectors.remove("obone").also


@pytest.mark.parametrize("build", [connectors.start, connectors.stop], ids=["start", "stop"])
def test_a_connector_that_is_gone_can_not_be_switched(build):
    command = build("obone")

    (said,) = reply("connectors/failures", command.lines[0])

    assert said == "Unknown connector: obone"
    assert said not in (command.success, *command.also)


def test_a_cid_that_exists_is_not_added_again():
    command = connectors.add(Connector("obone", running=False, password="x"))
    session = load("connectors/failures")
    second = [each for each in session if each.typed == "ok"][1]

    assert command.success not in second.answer


def test_a_key_is_typed_and_blanked_and_what_is_null_is_not_typed():
    settings = {"tls_ca": "Q0E=" * 5_000, "tls_certificate": "None", "tlvs": "None"}
    command = connectors.add(Connector("ob1", False, settings, "secret", tls_key="S0VZ"))

    assert command.lines[-3:] == ("tls_ca " + "Q0E=" * 5_000, "tls_key S0VZ", "ok")
    assert "tlvs" not in str(command.lines)
    assert "S0VZ" not in f"{command!r} {command.redact('tls_key S0VZ')}"


def test_many_tlvs_fit_one_line():
    tlvs = ",".join(f"{tag:04X}={'ab' * 255}" for tag in range(0x1400, 0x140A))
    assert connectors.update("ob1", {"tlvs": tlvs}).lines[1] == f"tlvs {tlvs}"
