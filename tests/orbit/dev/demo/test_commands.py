"""The operator's commands, run as in a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from orbit.dev.demo import commands
from orbit.dev.demo.checks import Failed
from orbit.dev.demo.environment import admin_password, make_environment


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    database = f"sqlite:///{tmp_path / 'db.sqlite3'}"
    return make_environment(tmp_path, servers={"DATABASE_URL": database, "REDIS_URL": ""})


def test_the_environment_passes_every_check(environment) -> None:
    output = commands.need(environment, "check", "--fail-level", "WARNING")
    assert (output.status, output.errors) == (0, "")


def test_a_command_that_fails_says_why(environment) -> None:
    with pytest.raises(Failed, match="manage.py nonsense ended with status 1: .*manage.py help"):
        commands.need(environment, "nonsense")


def test_a_command_that_hangs_is_ended(environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "TIMEOUT", 0.01)
    with pytest.raises(Failed, match="manage.py check takes longer than 0 s"):
        commands.run(environment, "check")


def test_keys_are_made_once_and_nobody_else_reads_them(tmp_path: Path) -> None:
    first = make_environment(tmp_path, servers={})
    assert make_environment(tmp_path, servers={}) == first
    keys = {first[name] for name in ("SECRET_KEY", "FERNET_KEYS", "AUDIT_KEY", "METRICS_TOKEN")}
    assert len(keys | {admin_password(tmp_path)}) == 5
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600
