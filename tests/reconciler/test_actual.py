"""Reading Jasmin: ours in full, others by name; what can't be read is an error, never "empty"."""

from __future__ import annotations

import pytest

from reconciler import actual
from reconciler.jcli.errors import Garbled, JcliError
from reconciler.state import Kind
from tests.reconciler.model import ModelJasmin
from tests.reconciler.model_objects import Account, Link

_top = ModelJasmin.top


@pytest.fixture
def full() -> ModelJasmin:
    """Ours: ob1 in obg, connector ob1; theirs: group, user (in our group, too), connector."""
    model = ModelJasmin()
    model.groups = {"obg": True, "theirs": False}
    model.users = {
        "ob1": Account("ob1", "obg", "ob1", "x", enabled=False),
        "them": Account("them", "obg", "their-name", "x"),
    }
    model.connectors = {"ob1": Link("ob1", running=True, starts=3, stops=2), "their": Link("their")}
    return model


def saying(monkeypatch, line: str, *answer: str) -> None:
    """Make Jasmin answer that line so from now on."""

    def top(self: ModelJasmin, typed: str) -> list[str]:
        return list(answer) if typed == line else _top(self, typed)

    monkeypatch.setattr(ModelJasmin, "top", top)


def test_ours_is_read_in_full(full):
    found = actual.read(full.console())

    assert found.groups["obg"].enabled
    user = found.users["ob1"]
    assert (user.gid, user.username, user.enabled) == ("obg", "ob1", False)
    assert user.settings["mt_messaging_cred valuefilter dst_addr"] == ".*"
    link = found.connectors["ob1"]
    assert (link.running, link.session, link.starts, link.stops) == (True, "BOUND_TRX", 3, 2)
    assert link.is_bound
    assert link.settings["host"] == "127.0.0.1"


def test_a_password_is_apart_from_the_settings_and_not_shown(full):
    full.connectors["ob1"].settings["password"] = "s3cr;t"

    link = actual.read(full.console()).connectors["ob1"]

    assert link.password == "s3cr;t"
    assert "password" not in link.settings
    assert "s3cr;t" not in repr(link)


def test_many_objects_are_asked_for_a_batch_at_a_time(full, monkeypatch):
    """Jasmin answers nothing before it has read a whole write, and messages wait for so long."""
    monkeypatch.setattr(actual, "BATCH", 2)
    full.connectors |= {f"ob{n}": Link(f"ob{n}") for n in range(2, 6)}
    console, writes = full.console(), []
    exchange = console._exchange
    monkeypatch.setattr(
        console,
        "_exchange",
        lambda lines, marker="": writes.append(lines) or exchange(lines, marker),
    )

    found = actual.read(console)

    assert len(found.connectors) == 5
    asked = [[line for line in lines if " -s " in line] for lines in writes]
    assert [len(each) for each in asked if each] == [2, 2, 2]


def test_what_is_not_ours_is_known_by_name_only(full):
    found = actual.read(full.console())

    assert found.foreign == {
        Kind.GROUP: ("theirs",),
        Kind.USER: ("them",),
        Kind.CONNECTOR: ("their",),
        Kind.ROUTE: (),
    }
    assert found.foreign_usernames == {"their-name"}
    assert found.foreign_members == {"obg"}
    assert found.groups.keys() == {"obg"}
    assert not [line for line in full.typed if "their" in line or "them" in line]


def test_a_scoped_reading_asks_for_what_is_in_scope(full):
    full.connectors["ob2"] = Link("ob2")
    full.typed.clear()

    found = actual.read(full.console(), only={"ob2", "obnot-there"})

    assert (found.groups, found.users, set(found.connectors)) == ({}, {}, {"ob2"})
    assert [line for line in full.typed if " -s " in line] == ["smppccm -s ob2"]


def test_scope_makes_nothing_of_theirs_ours(full):
    found = actual.read(full.console(), only={"their", "them", "theirs"})

    assert (found.groups, found.users, found.connectors) == ({}, {}, {})


def test_an_empty_jasmin_is_empty():
    found = actual.read(ModelJasmin().console())

    assert (found.groups, found.users, found.connectors) == ({}, {}, {})


@pytest.mark.parametrize("line", ["group -l", "user -l", "smppccm -l"])
@pytest.mark.parametrize(
    "answer",
    [(), ("Incorrect command: x, type help",), ("#ob1",), ("Total Groups: 1",)],
    ids=["nothing", "error", "no total", "no rows"],
)
def test_a_list_that_is_not_whole_is_an_error(full, monkeypatch, line, answer):
    saying(monkeypatch, line, *answer)

    with pytest.raises(Garbled):
        actual.read(full.console())


@pytest.mark.parametrize(
    ("line", "said"),
    [("user -s ob1", "Unknown User: ob1"), ("smppccm -s ob1", "Unknown connector: ob1")],
)
def test_what_is_never_there_to_be_looked_at_is_an_error(full, monkeypatch, line, said):
    saying(monkeypatch, line, said)

    with pytest.raises(Garbled, match="vanished"):
        actual.read(full.console())


def test_statistics_that_do_not_say_when_jasmin_started_are_an_error(full, monkeypatch):
    saying(monkeypatch, actual.STATS, "#Item  Value")

    with pytest.raises(Garbled, match="when Jasmin started"):
        actual.read(full.console())


@pytest.mark.parametrize("lines", range(7))
def test_a_console_that_ends_anywhere_is_an_error(full, lines):
    full.dies_at = lines

    with pytest.raises(JcliError):
        actual.read(full.console())


def test_the_epoch_is_when_jasmin_started(full):
    assert actual.read(full.console()).epoch == full.epoch == actual.read_epoch(full.console())


# -- a Jasmin that has just started ----------------------------------------------------------------


class Booting:
    """A Jasmin that has loaded one more connector at each of the first reads."""

    def __init__(self, model: ModelJasmin, looks: int) -> None:
        self.model, self.looks, self.slept = model, looks, 0

    def sleep(self, seconds: float) -> None:
        assert seconds == actual.BOOT_PAUSE
        self.slept += 1
        if self.slept <= self.looks:
            self.model.connectors[f"ob{self.slept}"] = Link(f"ob{self.slept}")


@pytest.mark.parametrize("looks", [0, 1, 5])
def test_a_starting_jasmin_is_waited_for_until_its_list_stays(looks):
    model = ModelJasmin()
    booting = Booting(model, looks)

    actual.wait_for_boot(model.console(), sleep=booting.sleep)

    assert booting.slept == looks + 1
    assert len(model.connectors) == looks


def test_a_jasmin_that_never_settles_is_an_error(monkeypatch):
    model = ModelJasmin()
    monkeypatch.setattr(actual, "BOOT_LIMIT", 0.05)

    with pytest.raises(Garbled, match="kept changing"):
        actual.wait_for_boot(model.console(), sleep=Booting(model, 10**9).sleep)


# -- smaller looks ---------------------------------------------------------------------------------


def test_sessions_are_of_ours_only(full):
    assert set(actual.read_sessions(full.console())) == {"ob1"}


def test_asking_for_the_attempts_of_no_connector_types_nothing(full):
    full.typed.clear()

    assert actual.read_attempts(full.console(), []) == {}
    assert full.typed == []
