"""Somebody's own hands on Jasmin's console."""

from __future__ import annotations

import pytest

from orbit.dev.demo.manual_console import Hands
from reconciler.jcli.commands import Command
from reconciler.jcli.errors import Untypable

LIST = [
    "#Connector id  Service Session   Starts Stops",
    "#ob1           started BOUND_TRX 1      0",
    "#ob2           started NONE      1      0",
    "#handmade      stopped NONE      0      0",
    "Total connectors: 3",
]
SHOWS = {
    "smppccm -s ob1": ["port 2775", "username acme", "password secret"],
    "smppccm -s ob2": ["Unknown connector: ob2"],
    "smppccm -s handmade": ["port 9", "username somebody", "password password"],
}


class FakeConsole:
    """A console that says this, and remembers what was typed."""

    def __init__(self) -> None:
        self.typed: list[Command] = []

    def ask(self, *lines: str) -> list[list[str]]:
        return [LIST if line == "smppccm -l" else SHOWS[line] for line in lines]

    def run(self, command: Command) -> None:
        self.typed.append(command)


def test_connectors_are_found_by_account_and_port() -> None:
    hands = Hands(FakeConsole())
    assert hands.accounts() == {"acme": "ob1", "somebody": "handmade"}
    assert hands.accounts({"handmade"}) == {"somebody": "handmade"}
    assert hands.ports() == {"2775": "ob1", "9": "handmade"}


def test_one_that_vanishes_while_it_is_read_is_not_there() -> None:
    assert "ob2" not in Hands(FakeConsole()).accounts().values()


def test_only_live_transceivers_count_as_bound() -> None:
    assert Hands(FakeConsole()).bound() == {"ob1"}


def test_what_is_typed_is_what_a_person_would_type() -> None:
    console = FakeConsole()
    hands = Hands(console)
    hands.add("handmade", host="127.0.0.1", port="9")
    hands.change_throughput("ob1", 1)
    hands.delete("ob1")
    assert [command.lines for command in console.typed] == [
        ("smppccm -a", "cid handmade", "host 127.0.0.1", "port 9", "ok"),
        ("smppccm -u ob1", "submit_throughput 1", "ok"),
        ("smppccm -r ob1",),
    ]


def test_what_the_console_can_not_take_is_not_typed() -> None:
    with pytest.raises(Untypable):
        Hands(FakeConsole()).add("handmade", host="127.0.0.1\r\nquit")
