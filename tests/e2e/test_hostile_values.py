"""What would be a second command in Jasmin's console is refused; all else arrives as it is."""

from __future__ import annotations

import json

import pytest

from messaging.credentials.models import Credential
from tests.e2e.api import CREDENTIALS, Answer
from tests.e2e.waiting import eventually

pytestmark = pytest.mark.stack

BODY = {"host": "127.0.0.1", "system_id": "acme", "password": "secret"}
CONTROLS = [
    "a\rb",
    "a\nb",
    "a\r\nb",
    "a\tb",
    "a\x1bb",
    "a\x00b",
    "a\x7fb",
    "a\x08b",
    "\n",
    "a\u0085b",
]
NULLS = ["none", "None", "NONE", "nOnE"]
NOT_ASCII = ["pä€s", "naïve", "\u00a0", "a\u2028b", "ｎｏｎｅ", "😀", "\ud800"]
EDGES = [" a", "a ", " "]
HUGE = ["x" * 10_000]
HOSTILE = {
    "host": [*CONTROLS, *NULLS, *NOT_ASCII, *EDGES, *HUGE, "a;b", "a b", 'a"b'],
    "system_id": [*CONTROLS, *NULLS, *NOT_ASCII, *EDGES, *HUGE, ""],
    "password": [*CONTROLS, *NULLS, *NOT_ASCII, *EDGES, *HUGE, ""],
    "system_type": [*CONTROLS, *NULLS, *NOT_ASCII, *EDGES, *HUGE],
    "address_range": [*CONTROLS, *NULLS, *NOT_ASCII, *EDGES, *HUGE],
    # It goes to no console: any script is welcome.
    "name": [*CONTROLS, *NULLS, *HUGE, " ", "", "\ud800"],
    "bind_type": [*CONTROLS, *NULLS, *NOT_ASCII, *HUGE, ""],
    "message_id_format": [*CONTROLS, *NULLS, *NOT_ASCII, *HUGE, ""],
}


def named(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.error["details"]["field"]


@pytest.mark.parametrize("field", HOSTILE)
def test_a_hostile_value_is_refused_by_the_name_of_its_field(field, api):
    made = api.add(system_id="other")
    path = f"{CREDENTIALS}/{made['id']}"
    before = Credential.objects.values().get()

    created = {v: named(api.post(CREDENTIALS, BODY | {field: v})) for v in HOSTILE[field]}
    patched = {v: named(api.patch(path, {field: v})) for v in HOSTILE[field]}

    assert created == dict.fromkeys(HOSTILE[field], (422, field))
    assert patched == dict.fromkeys(HOSTILE[field], (422, field))
    assert Credential.objects.values().get() == before


def test_a_hostile_password_is_refused_by_rotate_too(api):
    made = api.add()

    rotated = {
        value: named(api.rotate(made["id"], {"password": value, "verify": False}))
        for value in HOSTILE["password"]
    }

    assert rotated == dict.fromkeys(HOSTILE["password"], (422, "password"))


def test_a_refused_password_is_never_echoed(api):
    made = api.add()
    bodies = [{"password": f"Zq7{value}"} for value in [*CONTROLS, *NOT_ASCII, *HUGE]]

    answers = [api.rotate(made["id"], body) for body in bodies]
    answers += [api.post(CREDENTIALS, BODY | body) for body in bodies]
    answers += [api.patch(f"{CREDENTIALS}/{made['id']}", body) for body in bodies]

    assert {answer.status for answer in answers} == {422}
    assert [answer.body for answer in answers if b"Zq7" in answer.body] == []


# Every one of them is a word or a sign that some console, shell or format takes for its own.
AWKWARD = [
    ('"quoted"', "'x'"), ("a;b", ";ok"), ("#hash", "#"), ("+x", "+x"), ("-5", "-x"),
    ("a  b", "a  b"), ("ok", "ok"), ("ko", "ko"), ("quit", "quit"), ("persist", "help"),
    ("?", "?"), ("\\n", "\\r\\n"), ("%s%n", "%0a"), ("$HOME", "$(id)"), ("`id`", "`id`"),
    ("{}", "{0}"), ("<&>", "&amp;"), ("null", "nil"), ("None1", "none1"), ("no", "yes"),
    ("~!@$^*()_", "=[]|:,./"), ("password x", "uid y"),
]  # fmt: skip


def test_signs_that_are_no_danger_arrive_at_the_carrier_byte_for_byte(api, gateway, smsc):
    made = []
    for number, (system_id, password) in enumerate(AWKWARD):
        smsc.add_system(system_id, password)
        body = {"system_id": system_id, "password": password, "port": smsc.port}
        extra = {"system_type": password, "address_range": f"^{number}[0-9]+$;#\"'"}
        made.append(api.add(**body, **extra))

    def unbound() -> list[str]:
        rows = api.get(CREDENTIALS, params={"limit": 100}).data
        return [row["system_id"] for row in rows if row["bind"]["state"] != "bound"]

    eventually(lambda: not unbound())

    binds = [json.loads(line) for line in smsc.log_lines]
    seen = {
        line["fields"]["system_id"]: (
            line["fields"]["system_type"],
            line["fields"]["address_range"],
        )
        for line in binds
        if line.get("command") == "bind_transceiver" and line["direction"] == "in"
    }
    assert seen == {row["system_id"]: (row["system_type"], row["address_range"]) for row in made}
    # The carrier compares passwords, so one live bind each proves theirs.
    assert {smsc.system(system_id).live_binds for system_id, _ in AWKWARD} == {1}
    assert smsc.unknown_binds == {}
