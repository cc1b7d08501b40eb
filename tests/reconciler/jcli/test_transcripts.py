"""The transcripts, and the fake that says them, against the real Jasmin."""

from __future__ import annotations

import re

import pytest

from orbit.dev.simulator import SimulatorThread
from orbit.dev.stack import Jasmin
from orbit.dev.stack.processes import poll
from tests.reconciler.jcli.fake import PASSWORD, USERNAME
from tests.reconciler.jcli.transcripts import Exchange, cases, load, masked
from tests.reconciler.jcli.wire import Person

pytestmark = pytest.mark.stack

HEADERS = ("#Order ", "#Filter id ", "#Connector id ", "#Group id ")


def person(jasmin: Jasmin) -> Person:
    return Person(jasmin.jcli_host, jasmin.jcli_port, jasmin.jcli_username, jasmin.jcli_password)


def empty(person: Person) -> None:
    """Each transcript begins in a Jasmin that has nothing."""
    for kind in ("mtrouter", "filter", "smppccm", "group"):
        for row in person.type(f"{kind} -l"):
            if row.startswith("#") and not row.startswith(HEADERS):
                person.type(f"{kind} -r {row[1:].split()[0].lstrip('!')}")


def again(person: Person, each: Exchange, port: int) -> Exchange:
    """Type the same line now; wait for a bind that is coming up."""

    def typed() -> Exchange:
        prompt = person.prompt
        return Exchange(
            prompt, each.typed, masked(person.type(each.typed.replace("{port}", str(port))))
        )

    found = typed()
    if each.typed == "smppccm -l" and found != each:
        poll(lambda: typed() == each, timeout=60)
        return typed()
    return found


def test_a_real_jasmin_says_what_the_transcripts_say(stock_jasmin: Jasmin, smsc: SimulatorThread):
    smsc.add_system("acme", "secret")
    assert len(cases()) > 10
    with person(stock_jasmin) as one:
        for case in cases():
            empty(one)
            session = load(case)
            assert [again(one, each, smsc.port) for each in session] == session, case


def test_the_fake_console_sends_what_the_real_one_sends(stock_jasmin: Jasmin, fake):
    for case in ("console/mistakes", "groups/lists", "users/upsert", "connectors/updates"):
        there = fake(load(case))
        with (
            person(stock_jasmin) as real,
            Person("127.0.0.1", there.port, USERNAME, PASSWORD) as other,
        ):
            assert numberless(real.login) == numberless(other.login)
            empty(real)
            for each in load(case):
                typed = each.typed.replace("{port}", "1")
                assert real.type_raw(typed) == other.type_raw(typed), case
    with (
        Person(stock_jasmin.jcli_host, stock_jasmin.jcli_port, USERNAME, "wrong") as real,
        Person("127.0.0.1", there.port, USERNAME, "wrong") as other,
    ):
        assert real.login == other.login


def numberless(login: bytes) -> bytes:
    """Sessions are counted."""
    return re.sub(rb"Session ref: \d+", b"", login)
