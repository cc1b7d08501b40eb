"""The control port: what scripts and people change while a carrier runs."""

from __future__ import annotations

import http.client
import json
import socket
from typing import Any

import pytest

from messaging.smpp.protocol.user_data import read_user_data
from messaging.smpp.trial_bind import Trial, trial_bind
from orbit.dev.simulator import SimulatorThread
from tests.orbit.dev.simulator.asking import ask


class Carrier:
    """A simulator with the system `acme`, and its control port."""

    def __init__(self, smsc: SimulatorThread) -> None:
        smsc.add_system("acme", "secret")
        self.port = smsc.port
        self.control = smsc.open_control()

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        return ask(self.control, method, path, body, **headers)

    def bind(self, system_id: str = "acme", password: str = "secret") -> Trial:
        return trial_bind(
            address="127.0.0.1",
            host="",
            port=self.port,
            system_id=system_id,
            password=password,
        )


@pytest.fixture
def carrier(smsc: SimulatorThread) -> Carrier:
    return Carrier(smsc)


def test_counts(carrier):
    carrier.bind()
    carrier.bind(password="wrong")
    carrier.bind("nobody")
    status, counts = carrier.ask("GET", "/systems/acme")
    assert status == 200
    assert counts["bind_attempts"] == 2
    assert counts["binds_accepted"] == 1
    assert counts["binds_refused"] == {"ESME_RINVPASWD": 1}
    _, everything = carrier.ask("GET", "/")
    assert everything["connections"] == 3
    assert everything["unknown_binds"] == {"nobody": 1}
    assert everything["systems"] == carrier.ask("GET", "/systems")[1]
    assert everything["listeners"] == carrier.ask("GET", "/ports")[1]


def test_changes_password_and_faults(carrier):
    status, counts = carrier.ask(
        "POST", "/systems/acme", {"password": "changed", "faults": ["slow:0", "no-receipt"]}
    )
    assert (status, counts["faults"]) == (200, ["slow:0", "no-receipt"])
    assert "changed" not in json.dumps(counts)
    assert carrier.bind().status.name == "ESME_RINVPASWD"
    assert carrier.bind(password="changed").result == "bound"
    carrier.ask("POST", "/systems/acme", {"faults": []})
    assert carrier.ask("GET", "/systems/acme")[1]["faults"] == []


def test_makes_and_removes_systems(carrier):
    assert carrier.ask("PUT", "/systems/new", {"password": "pw", "faults": ["bind-fail"]})[0] == 200
    assert carrier.bind("new", "pw").status.name == "ESME_RBINDFAIL"
    assert carrier.ask("DELETE", "/systems/new")[0] == 200
    assert carrier.bind("new", "pw").status.name == "ESME_RINVSYSID"


def test_kills_and_revives_a_port(carrier):
    path = f"/ports/{carrier.port}"
    assert carrier.ask("POST", path, {"up": False})[1]["up"] is False
    assert "connection refused" in carrier.bind().reason
    assert carrier.ask("POST", path, {"up": False})[0] == 200
    assert carrier.ask("POST", path, {"up": True})[1]["up"] is True
    assert carrier.bind().result == "bound"


def test_says_when_a_port_cannot_come_back(carrier):
    path = f"/ports/{carrier.port}"
    carrier.ask("POST", path, {"up": False})
    with socket.create_server(("127.0.0.1", carrier.port)):
        assert carrier.ask("POST", path, {"up": True})[0] == 409
    assert carrier.ask("POST", path, {"up": True})[0] == 200


def test_a_port_that_is_open_stays_open(carrier):
    path = f"/ports/{carrier.port}"
    assert carrier.ask("POST", path, {"up": True})[1]["up"] is True
    status, answer = carrier.ask("POST", path, {"up": "yes"})
    assert (status, "true" in answer["error"]) == (400, True)
    assert carrier.bind().result == "bound"


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({}, b"{", 400),
        ({}, b"\xff", 400),
        ({"Content-Length": "many"}, b"", 400),
        ({"Content-Length": "-1"}, b"", 413),
        ({"Content-Length": str(10**9)}, b"", 413),
    ],
)
def test_refuses_a_body_that_is_none(carrier, headers, body, status):
    connection = http.client.HTTPConnection("127.0.0.1", carrier.control, timeout=30)
    connection.request("POST", "/systems/acme", body, {"Content-Length": str(len(body))} | headers)
    answer = connection.getresponse()
    assert answer.status == status
    assert json.load(answer)["error"]
    connection.close()
    assert carrier.bind().result == "bound"


def test_cuts_binds(carrier, raw):
    client = raw(carrier.port)
    client.bind()
    assert carrier.ask("POST", "/systems/acme", {"drop_binds": True})[1]["live_binds"] == 0


def test_shows_what_came_in(carrier, raw):
    client = raw(carrier.port)
    client.bind()
    for text in (b"one", b"two", b"three"):
        client.submit(short_message=text)
        client.read()
    _, submits = carrier.ask("GET", "/systems/acme/submits?last=2")
    assert [submit["text"] for submit in submits] == ["two", "three"]
    assert submits[0]["destination_addr"] == "33612345678"
    assert submits[0]["accepted"] is True
    _, some = carrier.ask("GET", "/systems/acme/submits?last=1&fields=text,accepted")
    assert some == [{"text": "three", "accepted": True}]


def test_sends_a_text_from_a_phone(carrier, raw):
    client = raw(carrier.port)
    client.bind()
    text = {"source_addr": "33700000001", "destination_addr": "38600", "hex": "53544f50"}
    status, counts = carrier.ask("POST", "/systems/acme/texts", text | {"data_coding": 3})
    assert (status, counts["texts"]) == (200, {"sent": 1})
    _, came = client.read()
    assert (came.fields["short_message"], came.number("data_coding")) == (b"STOP", 3)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/nowhere", None, 404),
        ("GET", "/systems/nobody", None, 404),
        ("DELETE", "/systems/nobody", None, 404),
        ("POST", "/systems/nobody", {}, 404),
        ("POST", "/ports/1", {"up": True}, 404),
        ("POST", "/systems/acme", {"faults": ["explode"]}, 400),
        ("POST", "/systems/acme", {"faults": "slow:1"}, 400),
        ("POST", "/systems/acme", {"password": "seventeen_letters"}, 400),
        ("POST", "/systems/acme", {"password": 7}, 400),
        ("POST", "/systems/acme", {"pasword": "x"}, 400),
        ("PUT", "/systems/sixteen_is_a_lot", {"password": "x"}, 400),
        ("PUT", "/systems/new", {}, 400),
        ("POST", "/systems/acme", [], 400),
        ("GET", "/systems/acme/submits?last=x", None, 400),
        ("GET", "/systems/acme/submits?fields=raw", None, 400),
        ("POST", "/systems/acme/texts", {"hex": "zz"}, 400),
        ("POST", "/systems/acme/texts", {"source_addr": "1", "destination_addr": "2"}, 400),
        ("POST", "/systems/acme/texts", {"text": "hello"}, 400),
        (
            "POST",
            "/systems/acme/texts",
            {"source_addr": "1", "destination_addr": "2", "text": 7},
            400,
        ),
        (
            "POST",
            "/systems/acme/texts",
            {"source_addr": "1", "destination_addr": "2", "text": "x" * 2000},
            400,
        ),
        (
            "POST",
            "/systems/acme/texts",
            {"source_addr": "1", "destination_addr": "2", "hex": "00", "esm_class": 300},
            400,
        ),
    ],
)
def test_refuses_what_it_does_not_know_and_says_why(carrier, method, path, body, status):
    before = carrier.ask("GET", "/systems")
    code, answer = carrier.ask(method, path, body)
    assert (code, bool(answer["error"])) == (status, True)
    assert "seventeen_letters" not in answer["error"]
    assert carrier.ask("GET", "/systems") == before
    assert carrier.bind().result == "bound"


@pytest.mark.parametrize(
    ("text", "coding", "parts"), [("STOP", 0, 1), ("Grüße 😀", 8, 1), ("long €" * 40, 0, 2)]
)
def test_a_text_is_coded_and_cut_as_a_phone_does_it(carrier, raw, text, coding, parts):
    client = raw(carrier.port)
    client.bind()
    body = {"source_addr": "+33 700 000 001", "destination_addr": "38600", "text": text}
    status, counts = carrier.ask("POST", "/systems/acme/texts", body)
    assert (status, counts["texts"]["sent"]) == (200, parts)
    came = [client.read()[1] for _ in range(parts)]
    users = [
        read_user_data(
            each.fields["short_message"],
            esm_class=each.number("esm_class"),
            data_coding=each.number("data_coding"),
        )
        for each in came
    ]
    assert "".join(each.text for each in users) == text
    assert [each.part and each.part[1:] for each in users] == (
        [None] if parts == 1 else [(2, 1), (2, 2)]
    )
    assert came[0].number("data_coding") == coding
    assert came[0].text("source_addr") == "33700000001"
    assert (came[0].number("source_addr_ton"), came[0].number("dest_addr_ton")) == (1, 0)


def test_a_text_may_come_from_a_name(carrier, raw):
    client = raw(carrier.port)
    client.bind()
    body = {"source_addr": "ACME 24", "destination_addr": "+33 6 12 34 56 78", "text": "hi"}
    assert carrier.ask("POST", "/systems/acme/texts", body)[0] == 200
    came = client.read()[1]
    assert came.text("source_addr") == "ACME 24"
    assert (came.number("source_addr_ton"), came.number("source_addr_npi")) == (5, 0)
    assert came.text("destination_addr") == "33612345678"


@pytest.mark.parametrize(
    "headers", [{"Host": "attacker.example"}, {"Origin": "https://attacker.example"}]
)
def test_does_not_listen_to_web_pages(carrier, headers):
    assert carrier.ask("POST", "/systems/acme", {"password": "x"}, **headers)[0] == 403
    assert carrier.bind().result == "bound"
