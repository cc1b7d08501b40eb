"""Lists of opted-out numbers, in memory and over a restart."""

from __future__ import annotations

import base64
import os
from array import array
from pathlib import Path

import pytest

from messaging.smpp.protocol.pdu import Pdu, read, write
from reconciler import opt_out_digests
from reconciler.launcher.lane.submit import Submit
from reconciler.launcher.opt_outs import list_files
from reconciler.launcher.opt_outs.lists import Change, OptOuts

USER, OTHER = "obacme", "obother"
NUMBER, CODE = "+33612345678", "33"


def digests(lists: OptOuts, *numbers: str, user: str = USER, sender: str = "") -> array[int]:
    found = [
        digest
        for number in numbers
        for digest in opt_out_digests.of_opt_out(lists.key, user, number, CODE, sender)
    ]
    return opt_out_digests.packed(found)


def submit(to: str = NUMBER, *, ton: int = 0, source: str = "ACME") -> Pdu:
    fields = {"destination_addr": to, "dest_addr_ton": ton, "source_addr": source}
    return read(write("submit_sm", sequence=1, **fields))


@pytest.fixture
def lists(tmp_path: Path) -> OptOuts:
    return OptOuts(tmp_path / "opt_outs")


@pytest.fixture
def restarted(tmp_path: Path):
    """The lists as another process finds them."""
    return lambda: OptOuts(tmp_path / "opt_outs")


@pytest.mark.parametrize(
    ("to", "ton"),
    [
        ("+33612345678", 0),
        ("33612345678", 0),
        ("33612345678", 1),
        ("0033612345678", 0),
        ("0612345678", 0),
        ("0612345678", 2),
        ("612345678", 2),
        ("33612345678", 2),
        ("+330612345678", 1),
    ],
)
def test_a_number_is_refused_however_it_is_written(lists, to, ton) -> None:
    lists.change(USER, Change(None, 1, digests(lists, NUMBER)))

    assert lists.refuses(USER, submit(to, ton=ton))


@pytest.mark.parametrize("to", ["+33612345679", "612345678", "+3361234567", "38080", ""])
def test_other_numbers_are_not(lists, to) -> None:
    lists.change(USER, Change(None, 1, digests(lists, NUMBER)))

    assert not lists.refuses(USER, submit(to))


def test_an_opt_out_holds_for_its_organisation_alone(lists) -> None:
    lists.change(USER, Change(None, 1, digests(lists, NUMBER)))
    lists.change(OTHER, Change(None, 1, digests(lists, "+33699999999")))

    assert not lists.refuses(OTHER, submit())
    assert not lists.refuses("obstranger", submit())


@pytest.mark.parametrize(
    ("scope", "source", "is_refused"),
    [
        ("ACME", "ACME", True),
        ("ACME", "acme", True),
        ("ACME", "OTHER", False),
        ("+33700000001", "33700000001", True),
        ("38080", "38080", True),
    ],
)
def test_an_opt_out_from_a_sender_holds_for_it_alone(lists, scope, source, is_refused) -> None:
    lists.change(USER, Change(None, 1, digests(lists, NUMBER, sender=scope)))

    assert lists.refuses(USER, submit(source=source)) is is_refused


def test_a_list_changes_from_the_version_that_it_has(lists, restarted) -> None:
    assert lists.change(USER, Change(None, 1, digests(lists, NUMBER)))
    assert not lists.change(USER, Change(7, 8, digests(lists, "+33600000000")))
    assert lists.change(USER, Change(1, 2, digests(lists, "+33699999999"), digests(lists, NUMBER)))
    assert not lists.change(OTHER, Change(1, 2, digests(lists, NUMBER)))

    for each in (lists, restarted()):
        assert not each.refuses(USER, submit())
        assert not each.refuses(USER, submit("+33600000000"))
        assert each.refuses(USER, submit("+33699999999"))
        assert each.summary()[USER]["version"] == 2
    assert lists.summary() == restarted().summary()


def test_a_restart_finds_all_lists_and_the_same_key(lists, restarted) -> None:
    for n, user in enumerate((USER, OTHER), start=1):
        lists.change(user, Change(None, n, digests(lists, NUMBER, user=user)))

    again = restarted()

    assert again.key == lists.key
    assert again.summary() == lists.summary()
    assert again.refuses(USER, submit()) and again.refuses(OTHER, submit())


def test_a_line_that_a_kill_has_cut_is_asked_for_again(lists, restarted, tmp_path) -> None:
    lists.change(USER, Change(None, 1, digests(lists, NUMBER)))
    lists.change(USER, Change(1, 2, digests(lists, "+33699999999")))
    path = tmp_path / "opt_outs" / f"{USER}.list"
    path.write_bytes(path.read_bytes()[:-9])

    again = restarted()

    assert again.summary()[USER]["version"] == 0
    assert again.refuses(USER, submit())
    assert not again.change(USER, Change(2, 3, array("Q")))
    assert not again.change(USER, Change(None, 3, array("Q")))
    assert again.change(USER, Change(0, 2, digests(again, "+33699999999"), whole=True))
    assert restarted().refuses(USER, submit("+33699999999"))


def full(*_: object) -> None:
    """What the system says when the disk is full."""
    raise OSError("no space left")


def test_what_the_disk_does_not_take_holds_and_is_asked_for_again(
    lists, monkeypatch, restarted
) -> None:
    lists.change(USER, Change(None, 1, digests(lists, NUMBER)))

    with monkeypatch.context() as patched:
        patched.setattr(list_files.os, "write", full)
        with pytest.raises(OSError, match="no space"):
            lists.change(USER, Change(1, 2, digests(lists, "+33699999999")))

    assert lists.refuses(USER, submit("+33699999999"))
    assert lists.summary()[USER]["version"] == 0
    assert restarted().summary()[USER]["version"] == 1


def test_a_change_that_the_disk_takes_in_part_is_asked_for_again(
    lists, monkeypatch, restarted
) -> None:
    lists.change(USER, Change(None, 1, digests(lists, NUMBER)))
    write = os.write

    with monkeypatch.context() as patched:
        patched.setattr(list_files.os, "write", lambda file, line: write(file, line[:-9]))
        with pytest.raises(OSError, match="can't be written"):
            lists.change(USER, Change(1, 2, digests(lists, "+33699999999")))

    for each in (lists, restarted()):
        assert each.summary()[USER]["version"] == 0
        assert each.refuses(USER, submit())


def test_a_whole_list_that_the_disk_does_not_take_leaves_the_one_before(
    lists, monkeypatch, restarted, tmp_path
) -> None:
    lists.change(USER, Change(None, 1, digests(lists, NUMBER)))

    with monkeypatch.context() as patched:
        patched.setattr(list_files.os, "fsync", full)
        with pytest.raises(OSError, match="no space"):
            lists.change(USER, Change(1, 2, digests(lists, "+33699999999"), whole=True))

    assert lists.refuses(USER, submit("+33699999999"))
    assert lists.summary()[USER]["version"] == 0
    again = restarted()
    assert again.summary()[USER]["version"] == 1
    assert again.refuses(USER, submit()) and not again.refuses(USER, submit("+33699999999"))
    assert {path.suffix for path in (tmp_path / "opt_outs").iterdir()} == {"", ".list"}


def test_what_waits_for_a_number_that_is_added_is_withdrawn(lists) -> None:
    grown: list[tuple[str, array[int]]] = []
    lists.on_growth.append(lambda user, added: grown.append((user, added)))
    lists.change(USER, Change(None, 1, digests(lists, "+33699999999")))
    added = digests(lists, NUMBER)
    lists.change(USER, Change(1, 2, added))
    lists.change(USER, Change(2, 3, array("Q"), added))

    assert grown == [(USER, digests(lists, "+33699999999")), (USER, added)]
    waiting = Submit("t", "ACME", "612345678", [b"hi"], extra={"dest_addr_ton": 2})
    assert lists.withdraws(USER, added, waiting)
    assert not lists.withdraws(OTHER, added, waiting)
    assert not lists.withdraws(USER, grown[0][1], waiting)
    assert not lists.withdraws(USER, added, Submit("t", "ACME", "612345678", [b"hi"]))


@pytest.mark.parametrize("text", [None, 7, ["AAAA"], "not base64!", "AAA", "AAAAAAAA"])
def test_what_are_no_digests_is_refused(text) -> None:
    with pytest.raises(ValueError):
        list_files.decoded(text)


def test_digests_out_of_order_are_put_in_order_and_each_is_kept_once() -> None:
    octets = b"".join(each.to_bytes(8) for each in (7, 3, 7, 5))

    assert list_files.decoded(base64.b64encode(octets).decode()) == array("Q", [3, 5, 7])


@pytest.mark.parametrize("name", ["obacme", "a-b_C", "x" * 16])
def test_uids_name_lists(name) -> None:
    assert list_files.is_user(name)


@pytest.mark.parametrize("name", ["", "../key", "a.b", "x" * 17, "é", "a\n", None, 7])
def test_what_is_no_uid_names_no_file(name) -> None:
    assert not list_files.is_user(name)


def test_many_changes_are_written_anew(lists, restarted, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(list_files, "MOST_CHANGES", 5)
    lists.change(USER, Change(None, 1, array("Q")))
    for version in range(1, 20):
        number = f"+3360000{version:04}"
        lists.change(USER, Change(version, version + 1, digests(lists, number)))

    lines = (tmp_path / "opt_outs" / f"{USER}.list").read_bytes().count(b"\n")
    assert lines <= 6
    assert restarted().summary() == lists.summary()
    assert restarted().summary()[USER]["count"] == 57


def test_a_large_change_equals_many_small_ones(lists, monkeypatch) -> None:
    numbers = [f"+3361{n:07}" for n in range(40)]
    lists.change(USER, Change(None, 1, digests(lists, *numbers[:30])))
    lists.change(USER, Change(1, 2, digests(lists, *numbers[20:]), digests(lists, *numbers[:5])))
    one_by_one = lists.summary()[USER]["checksum"]
    monkeypatch.setattr(list_files, "FEW", 0)
    lists.change(USER, Change(2, 1, digests(lists, *numbers[:30]), whole=True))
    lists.change(USER, Change(1, 2, digests(lists, *numbers[20:]), digests(lists, *numbers[:5])))

    assert lists.summary()[USER]["checksum"] == one_by_one
    assert one_by_one == opt_out_digests.checksum(digests(lists, *numbers[5:]))


def test_without_its_key_the_lists_are_made_anew(lists, restarted, tmp_path) -> None:
    lists.change(USER, Change(None, 1, digests(lists, NUMBER)))
    (tmp_path / "opt_outs" / "key").unlink()

    assert restarted().summary() == {}


def test_no_file_has_a_number_and_none_is_for_others_to_read(lists, tmp_path) -> None:
    lists.change(USER, Change(None, 1, digests(lists, NUMBER)))
    files = list((tmp_path / "opt_outs").iterdir())

    assert len(files) == 2
    assert all(b"612345678" not in path.read_bytes() for path in files)
    assert {path.stat().st_mode & 0o077 for path in [*files, tmp_path / "opt_outs"]} == {0}
