"""Audit rows where operators keep theirs: file, syslog, export, anchors."""

from __future__ import annotations

import json
import socket
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from orbit.accounts.actors import SYSTEM
from orbit.accounts.audit import health, sinks, stream
from orbit.accounts.audit import services as audit
from orbit.accounts.models import AuditEvent, Organization
from orbit.accounts.tasks import stream_audit
from orbit.operations.health import Health
from tests.factories import make_organization

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def add(organization: Organization | None, rows: int = 1) -> None:
    for place in range(rows):
        with transaction.atomic():
            audit.record(
                by=SYSTEM, organization=organization, action="test.done", target=str(place)
            )


@pytest.fixture
def file(settings, tmp_path) -> Path:
    settings.AUDIT_STREAM_FILE = str(tmp_path / "audit.jsonl")
    return tmp_path / "audit.jsonl"


def lines(file: Path) -> list[dict]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_each_row_is_a_line_once(file):
    first, second = make_organization(), make_organization()
    add(first, 3)
    add(second, 2)

    assert stream.drain() == 5
    add(first)
    assert (stream.drain(), stream.drain()) == (1, 0)

    said = lines(file)
    assert {row["id"] for row in said} == {row.pk for row in AuditEvent.objects.all()}
    assert [row["seq"] for row in said if row["chain"] == first.pk] == [1, 2, 3, 4]
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_line_has_what_the_row_has(file):
    add(make_organization("Éclair\n=1"))
    stream.drain()

    (said,) = lines(file)
    row = AuditEvent.objects.get()
    assert (said["mac"], said["action"], said["target"]) == (row.mac, "test.done", "0")
    assert said["at"] == row.at.isoformat(timespec="microseconds")


def test_what_could_not_be_written_follows(file, settings, monkeypatch, caplog):
    add(None, 2)
    settings.AUDIT_STREAM_FILE = str(file / "no" / "folder")
    stream_audit()
    assert "the audit can't be streamed and waits" in caplog.text

    settings.AUDIT_STREAM_FILE = str(file)
    stream_audit()
    assert [row["seq"] for row in lines(file)] == [1, 2]


def test_a_file_may_be_rotated_at_any_time(file):
    add(None)
    stream.drain()
    file.rename(file.with_suffix(".1"))
    add(None)
    stream.drain()

    assert [row["seq"] for row in lines(file)] == [2]


def test_a_line_that_a_full_disk_has_cut_spoils_no_other(tmp_path):
    file = tmp_path / "audit.jsonl"
    sinks.File(str(file)).write(["1"])
    file.write_text(file.read_text() + '{"at": "2026-')

    sinks.File(str(file)).write(["2"])

    assert file.read_text().splitlines() == ["1", '{"at": "2026-', "2"]


def test_syslog_gets_them_as_well(settings):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(10)
        settings.AUDIT_STREAM_SYSLOG = f"127.0.0.1:{server.getsockname()[1]}"
        add(None)
        stream.drain()
        said = server.recv(65536).decode()

    assert said.startswith("<38>orbit-audit: {")  # auth.info
    assert json.loads(said.partition("orbit-audit: ")[2])["seq"] == 1


def test_a_syslog_that_is_away_loses_nothing(settings, tmp_path):
    settings.AUDIT_STREAM_SYSLOG = str(tmp_path / "log")
    add(None)
    with pytest.raises(OSError):
        stream.drain()

    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(settings.AUDIT_STREAM_SYSLOG)
        server.settimeout(10)
        assert stream.drain() == 1
        assert b'"seq": 1' in server.recv(65536)


def test_without_a_sink_nothing_is_kept_back():
    add(None)
    assert sinks.configured() == []
    assert stream.drain() == 0


def test_rows_that_wait_for_long_are_no_health(file, settings):
    assert health.streamed() == Health(True, "streamed")
    with time_machine.travel(timezone.now() - timedelta(minutes=2)):
        add(None)
        add(make_organization())
    assert health.streamed().degraded

    stream.drain()
    assert not health.streamed().degraded
    settings.AUDIT_STREAM_FILE = ""
    assert health.streamed() == {}


def test_health_is_one_question_however_many_chains_wait(file, django_assert_num_queries):
    oldest = timezone.now() - timedelta(hours=1)
    with time_machine.travel(oldest, tick=False):
        add(make_organization(), 2)
    for _ in range(3):
        add(make_organization())
    with django_assert_num_queries(1):
        assert stream.waiting_since() == oldest


def test_the_export_is_by_time(capsys):
    organization = make_organization()
    now = timezone.now().replace(microsecond=0)
    for days in (3, 2, 1):
        with time_machine.travel(now - timedelta(days=days), tick=False):
            add(organization)
            add(None)
    since, until = (f"{now - timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}" for days in (2, 1))

    call_command("export_audit", "--after", since, "--before", until)
    both = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    call_command("export_audit", "--after", since, "--organization", organization.pk)
    own = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert sorted((row["chain"], row["seq"]) for row in both) == [
        (organization.pk, 2),
        ("system", 2),
    ]
    assert [(row["chain"], row["seq"]) for row in own] == [
        (organization.pk, 2),
        (organization.pk, 3),
    ]


def test_an_anchor_shows_a_chain_that_was_cut(file, tmp_path, capsys):
    organization = make_organization()
    add(organization, 3)
    anchors = tmp_path / "anchors"
    call_command("anchor_audit", "--to", str(anchors))
    stream.drain()
    add(organization)
    call_command("verify_audit", "--anchors", str(anchors))
    call_command("verify_audit", "--anchors", str(file))  # among the rows of the stream

    # The stored head fits what is left: an anchor of rows that are gone is all that shows it.
    later = anchors.read_text().replace(f"{organization.pk}:3:", f"{organization.pk}:7:")
    anchors.write_text(later)

    with pytest.raises(CommandError):
        call_command("verify_audit", "--anchors", str(anchors))
    assert "cut after row 4" in capsys.readouterr().err


def test_a_file_of_anchors_that_is_not_there_is_one_clear_line():
    with pytest.raises(CommandError, match="/nonexistent: No such file"):
        call_command("verify_audit", "--anchors", "/nonexistent")


def test_an_empty_file_begins_with_a_line(tmp_path):
    file = tmp_path / "audit.jsonl"
    file.touch()

    sinks.File(str(file)).write(["1"])

    assert file.read_text() == "1\n"


@pytest.mark.parametrize(
    ("setting", "where"),
    [
        ("logs.example", ("logs.example", 514)),
        ("logs.example:5140", ("logs.example", 5140)),
        ("[2001:db8::1]:5140", ("2001:db8::1", 5140)),
        ("/dev/log", "/dev/log"),
    ],
)
def test_syslog_is_at_port_514_unless_another_is_named(setting, where):
    assert sinks.Syslog(setting)._address == where
