"""The drill: what deploy/backup.sh wrote is what deploy/restore.sh puts back, keys included."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from orbit.accounts.actors import command
from orbit.accounts.models import Organization
from orbit.accounts.organizations import services as organizations
from orbit.api.models import Heartbeat

ROOT = Path(__file__).resolve().parents[2]
KEYS = ("SECRET_KEY", "AUDIT_KEY")
needs_programs = pytest.mark.skipif(
    shutil.which("pg_dump") is None, reason="PostgreSQL's client programs are missing"
)
pytestmark = [pytest.mark.stack, needs_programs, pytest.mark.django_db(transaction=True)]


def of_this_server(database: str) -> str:
    """The address of a database beside the one of this run."""
    own = connection.settings_dict
    return f"postgres://{own['USER']}:{own['PASSWORD']}@{own['HOST']}:{own['PORT']}/{database}"


def name() -> str:
    """Of the database of this run."""
    return str(connection.settings_dict["NAME"])


@pytest.fixture
def restored() -> Iterator[str]:
    """The address of a new, empty database."""
    database = f"{name()}_restored"
    with psycopg.connect(of_this_server(name()), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {database}")
        yield of_this_server(database)
        server.execute(f"DROP DATABASE {database} WITH (FORCE)")


@pytest.fixture
def other_host(restored: str, tmp_path: Path) -> Path:
    """Settings of a host with that database and keys of its own."""
    return write_settings(tmp_path / "other.env", restored, "another-key-of-32-characters-or-so-")


def write_settings(path: Path, database: str, keys: str = "") -> Path:
    values = {name: keys + name if keys else getattr(settings, name) for name in KEYS}
    values["FERNET_KEYS"] = keys + "FERNET" if keys else settings.FERNET_KEYS[0]
    values |= {"DATABASE_URL": database, "REDIS_URL": "", "STATE_DIR": str(settings.STATE_DIR)}
    path.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
    path.chmod(0o600)
    return path


def deploy(script: str, *arguments: object, env: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / "deploy" / script, *map(str, arguments)],
        env={"PATH": os.environ["PATH"], "ORBIT_ENV": str(env), "ORBIT_PYTHON": sys.executable},
        capture_output=True,
        text=True,
    )


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """Settings of this test's own site."""
    return write_settings(tmp_path / "here.env", of_this_server(name()))


@pytest.mark.slow("a restore starts three Django commands, which prove it")
def test_a_restore_replaces_all_that_another_host_has_and_brings_the_keys(
    here: Path, other_host: Path, restored: str, tmp_path: Path
) -> None:
    with transaction.atomic():
        organizations.create(
            by=command("drill"), name="Kept", email="kept@example.com", password=None
        )
    Heartbeat.objects.create(name="beat@this-host", at=timezone.now())
    saved = deploy("backup.sh", tmp_path / "backups", env=here)
    assert saved.returncode == 0, saved.stderr
    backup = Path(saved.stdout.split()[-1])

    with psycopg.connect(restored) as database:
        database.execute("CREATE TABLE of_a_newer_version (id int)")

    done = deploy("restore.sh", backup, env=other_host)

    # It proves the keys and the audit chain by itself: rotate_fernet_keys --check, verify_audit.
    assert done.returncode == 0, done.stdout + done.stderr
    with psycopg.connect(restored) as database:
        names = database.execute("SELECT name FROM accounts_organization").fetchall()
        left = database.execute("SELECT to_regclass('of_a_newer_version')").fetchone()
        processes = database.execute("SELECT name FROM api_heartbeat").fetchall()
    assert processes == [], "they would be missed on the other host"
    assert left == (None,)
    assert names == [(organization.name,) for organization in Organization.objects.all()]
    said = dict(line.split("=", 1) for line in other_host.read_text().splitlines())
    assert said["AUDIT_KEY"] == settings.AUDIT_KEY
    assert said["DATABASE_URL"].endswith("_restored"), "its own address stays"
    assert backup.stat().st_mode & 0o077 == 0
    assert settings.SECRET_KEY not in saved.stdout + done.stdout + done.stderr


def test_a_file_that_is_no_backup_changes_nothing(
    other_host: Path, restored: str, tmp_path: Path
) -> None:
    broken = tmp_path / "orbit-broken.tar"
    (tmp_path / "database.dump").write_text("not a dump")
    with tarfile.open(broken, "w") as tar:
        tar.add(tmp_path / "database.dump", arcname="orbit/database.dump")
        tar.add(other_host, arcname="orbit/orbit.env")
    before = other_host.read_text()
    with psycopg.connect(restored) as database:
        database.execute("CREATE TABLE kept (id int)")

    refused = deploy("restore.sh", broken, env=other_host)

    assert refused.returncode != 0
    assert "its database can't be read" in refused.stderr
    assert other_host.read_text() == before
    with psycopg.connect(restored) as database:
        assert database.execute("SELECT to_regclass('kept')").fetchone() == ("kept",)


def test_a_backup_that_was_cut_short_changes_nothing(
    here: Path, other_host: Path, restored: str, tmp_path: Path
) -> None:
    """Its table of contents stands before what is missing."""
    saved = deploy("backup.sh", tmp_path / "backups", env=here)
    with tarfile.open(saved.stdout.split()[-1]) as tar:
        tar.extractall(tmp_path, filter="data")
    dump = tmp_path / "orbit" / "database.dump"
    os.truncate(dump, dump.stat().st_size - 2000)
    cut = tmp_path / "cut.tar"
    with tarfile.open(cut, "w") as tar:
        tar.add(tmp_path / "orbit", arcname="orbit")
    before = other_host.read_text()
    with psycopg.connect(restored) as database:
        database.execute("CREATE TABLE kept (id int)")

    refused = deploy("restore.sh", cut, env=other_host)

    assert refused.returncode != 0
    assert "its database can't be read whole" in refused.stderr
    assert other_host.read_text() == before
    with psycopg.connect(restored) as database:
        assert database.execute("SELECT to_regclass('kept')").fetchone() == ("kept",)


def test_a_backup_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    nowhere = write_settings(tmp_path / "no.env", "postgres://orbit:x@127.0.0.1:1/orbit")
    killed = tmp_path / "backups" / ".unfinished-before"
    killed.mkdir(parents=True)
    os.utime(killed, (0, 0))

    failed = deploy("backup.sh", tmp_path / "backups", env=nowhere)

    assert failed.returncode != 0
    assert list((tmp_path / "backups").iterdir()) == []
