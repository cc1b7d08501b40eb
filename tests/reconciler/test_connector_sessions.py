"""Connector commands side by side: only those with answers that Jasmin does not mix up."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from reconciler.connector_sessions import GIVE_UP, NOT_REACHED, SESSIONS, ConnectorSessions
from reconciler.diff import Action, Change, FieldChange
from reconciler.jcli.commands import Command
from reconciler.jcli.errors import Rejected, Unavailable
from reconciler.loop import reconcile
from reconciler.result import Ending
from reconciler.state import Connector, Kind
from tests.reconciler.conftest import make_credential

SAME_ANSWERS = {"-0": "cancel", "-r": "cancel", "-a": "declare", "-u": "declare", "-1": "consume"}


@dataclass
class Sessions:
    """Stand in for console sessions; `answer` raises what Jasmin would say to a command."""

    answer: Callable[[str], None] = lambda line: None
    typed: list[str] = field(default_factory=list)
    mixed: list[set[str]] = field(default_factory=list)
    opened: int = 0
    closed: int = 0

    def __post_init__(self) -> None:
        self._running: list[str] = []
        self._lock = threading.Lock()

    def connect(self) -> Sessions:
        with self._lock:
            self.opened += 1
        return self

    def run(self, command: Command) -> None:
        line = command.lines[0] if "-a" not in command.lines[0] else " ".join(command.lines[:2])
        with self._lock:
            self.typed.append(line)
            self._running.append(SAME_ANSWERS[line.split()[1]])
            self.mixed.append(set(self._running))
        threading.Event().wait(0.001)  # lets others run into it
        with self._lock:
            self._running.remove(SAME_ANSWERS[line.split()[1]])
        self.answer(line)

    def close(self) -> None:
        self.closed += 1


def change(action: Action, cid: str, *, running: bool = True, drops: bool = False) -> Change:
    fields = (FieldChange("submit_throughput", "1", "2"),) if action is Action.UPDATE else ()
    return Change(
        Kind.CONNECTOR, cid, action, "", fields, drops, Connector(cid, running, password="x")
    )


def carry_out(sessions: Sessions, changes: list[Change], *, in_step: bool = True) -> dict[str, str]:
    parallel = ConnectorSessions(sessions.connect, in_step=in_step)
    outcomes = parallel.carry_out(changes)
    parallel.close()
    return {change.key: error for change, error in outcomes.items()}


def every_action(count: int) -> list[Change]:
    return [
        change(action, f"ob{action}{number}", drops=action is Action.REPLACE)
        for number in range(count)
        for action in (
            Action.CREATE,
            Action.REPLACE,
            Action.UPDATE,
            Action.START,
            Action.STOP,
            Action.DELETE,
        )
    ]


def test_commands_whose_answers_jasmin_mixes_up_never_run_side_by_side() -> None:
    sessions = Sessions()

    outcomes = carry_out(sessions, every_action(5))

    assert set(outcomes.values()) == {""}
    assert [kinds for kinds in sessions.mixed if len(kinds) > 1] == []


def test_where_answers_are_not_mixed_up_each_change_runs_through_by_itself() -> None:
    sessions = Sessions()
    changes = [change(Action.CREATE, f"ob{number}") for number in range(40)]

    outcomes = carry_out(sessions, changes, in_step=False)

    assert set(outcomes.values()) == {""}
    assert {"declare", "consume"} in sessions.mixed
    for each in changes:
        added, started = f"smppccm -a cid {each.key}", f"smppccm -1 {each.key}"
        assert sessions.typed.index(added) < sessions.typed.index(started)


def test_two_changes_of_one_connector_come_one_after_the_other() -> None:
    """One that is started has its new settings; one that is stopped binds with them no more."""
    sessions = Sessions()
    changes = [
        change(Action.STOP, "obone", running=False, drops=True),
        change(Action.UPDATE, "obone", running=False),
        change(Action.START, "obtwo"),
        change(Action.UPDATE, "obtwo"),
    ]

    assert set(carry_out(sessions, changes, in_step=False).values()) == {""}

    stopped, *_ = [line for line in sessions.typed if line.endswith("obone")]
    assert stopped == "smppccm -0 obone"
    assert sessions.typed.index("smppccm -u obtwo") < sessions.typed.index("smppccm -1 obtwo")


def test_no_more_sessions_are_opened_than_allowed_and_all_are_closed() -> None:
    sessions = Sessions()

    carry_out(sessions, every_action(9))

    assert 1 <= sessions.opened <= SESSIONS
    assert sessions.closed == sessions.opened


def test_nothing_to_do_opens_no_session() -> None:
    sessions = Sessions()

    assert carry_out(sessions, []) == {}
    assert sessions.opened == 0


def test_live_binds_are_replaced_a_few_at_a_time() -> None:
    sessions = Sessions()
    replaced = [change(Action.REPLACE, f"ob{n}", drops=True) for n in range(SESSIONS + 1)]

    carry_out(sessions, replaced)

    last = sessions.typed.index(f"smppccm -r ob{SESSIONS}")
    assert [line for line in sessions.typed[:last] if " -1 " in line] != []


@pytest.mark.parametrize("error", [Rejected("Failed starting"), Unavailable("no answer")])
def test_a_start_that_fails_is_stopped_again(error: Exception) -> None:
    def answer(line: str) -> None:
        if line == "smppccm -1 obbad":
            raise error

    sessions = Sessions(answer)

    outcomes = carry_out(sessions, [change(Action.CREATE, "obbad"), change(Action.CREATE, "obok")])

    assert outcomes == {"obbad": str(error), "obok": ""}
    assert sessions.typed[-1] == "smppccm -0 obbad"


def test_a_connector_that_can_not_be_removed_is_left_alone() -> None:
    def answer(line: str) -> None:
        raise Rejected("Failed removing connector")

    sessions = Sessions(answer)

    outcomes = carry_out(sessions, [change(Action.REPLACE, "obone", drops=True)])

    assert outcomes == {"obone": "Failed removing connector"}
    assert sessions.typed == ["smppccm -r obone"]


def test_a_value_that_can_not_be_typed_fails_only_its_own_change() -> None:
    bad = Connector("obbad", True, {"host": "none"}, "x")
    sessions = Sessions()

    outcomes = carry_out(
        sessions,
        [
            Change(Kind.CONNECTOR, "obbad", Action.CREATE, "", resource=bad),
            change(Action.CREATE, "obok"),
        ],
    )

    assert "host" in outcomes["obbad"]
    assert outcomes["obok"] == ""
    assert not any("obbad" in line for line in sessions.typed)


def test_a_jasmin_that_stopped_answering_costs_a_few_deadlines_and_not_one_a_change() -> None:
    def answer(line: str) -> None:
        raise Unavailable("no answer within 10 s")

    sessions = Sessions(answer)

    outcomes = carry_out(sessions, [change(Action.DELETE, f"ob{n}") for n in range(50)])

    assert set(outcomes.values()) == {"no answer within 10 s", NOT_REACHED}
    assert GIVE_UP <= len(sessions.typed) < GIVE_UP + SESSIONS
    assert sessions.closed == sessions.opened


@pytest.mark.stack
def test_many_new_connectors_at_once_are_all_added_and_bound(gateway, organization, smsc) -> None:
    """Adds and starts side by side lost 10 of 300."""
    for number in range(120):
        smsc.add_system(f"acme{number}", "secret")
        make_credential(organization, port=smsc.port, system_id=f"acme{number}", password="secret")

    result = reconcile(gateway, trigger="command")

    assert result.ending is Ending.APPLIED, result.error
    smsc.wait_for(lambda: all(smsc.system(f"acme{n}").live_binds == 1 for n in range(120)))
    assert {smsc.system(f"acme{number}").bind_attempts for number in range(120)} == {1}
