"""System checks, and the start with settings that are wrong."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.checks import Error, run_checks

ROOT = Path(__file__).resolve().parents[2]
KEY = "k" * 32


def found(*, deploy: bool = False) -> set[str]:
    messages = run_checks(include_deployment_checks=deploy)
    return {message.id for message in messages if message.id.startswith("orbit.")}


def test_the_settings_of_the_tests_are_fine():
    assert found() == set()


@pytest.mark.parametrize(
    ("name", "value", "check"),
    [
        ("FERNET_KEYS", KEY, "orbit.E001"),
        ("FERNET_KEYS", [], "orbit.E001"),
        ("FERNET_KEYS", [KEY, "short"], "orbit.E002"),
        ("AUDIT_KEY", "short", "orbit.E004"),
        ("SECRET_KEY", "short", "orbit.E006"),
        ("API_RATE_LIMIT", "many", "orbit.E007"),
        ("MESSAGE_RATE_LIMIT", "1000", "orbit.E007"),
        ("LOGIN_RATE_LIMIT", "10", "orbit.E007"),
        ("TRUSTED_PROXIES", ["10.0.0.0/33"], "orbit.E008"),
        ("SMPP_ALLOWED_NETWORKS", ["localhost"], "orbit.E008"),
        ("GATEWAY_TRUSTED_NETWORKS", [""], "orbit.E008"),
        ("RECONCILE_INTERVAL", 0, "orbit.E009"),
        ("RETENTION_IDEMPOTENCY_HOURS", 0, "orbit.E009"),
    ],
)
def test_what_would_go_wrong_later_is_refused_at_the_start(settings, name, value, check):
    setattr(settings, name, value)
    assert found() == {check}
    assert all(message.hint for message in run_checks() if message.id == check)


def test_one_key_is_for_one_thing(settings):
    settings.FERNET_KEYS = [settings.SECRET_KEY]
    assert found() == {"orbit.E003"}
    settings.FERNET_KEYS = [KEY]
    settings.AUDIT_KEY = KEY
    assert found() == {"orbit.E005"}


def test_no_message_shows_a_key(settings):
    settings.AUDIT_KEY = settings.SECRET_KEY = "hunter2"
    settings.FERNET_KEYS = ["hunter2"]
    messages = [message for message in run_checks() if isinstance(message, Error)]
    assert len(messages) >= 4
    assert "hunter2" not in str(messages)


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({"METRICS_TOKEN": "short"}, "orbit.W001"),
        ({"TRUSTED_PROXIES": ["0.0.0.0/0"]}, "orbit.W002"),
        ({"SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https")}, "orbit.W003"),
        ({"REDIS_URL": ""}, "orbit.W004"),
    ],
)
def test_a_deployment_is_warned(settings, changes, check):
    for name, value in changes.items():
        setattr(settings, name, value)
    assert found() == set()
    assert check in found(deploy=True)


def manage(*args: str, **env: str | None) -> subprocess.CompletedProcess[str]:
    """Run manage.py as production would; a variable set to None is missing."""
    production = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": secrets.token_urlsafe(50),
        "FERNET_KEYS": secrets.token_urlsafe(48),
        "AUDIT_KEY": secrets.token_urlsafe(48),
        "ALLOWED_HOSTS": "orbit.example.com",
        "STATE_DIR": os.environ["STATE_DIR"],
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "DATABASE_URL": f"sqlite:///{os.environ['STATE_DIR']}/none.sqlite3",
        "METRICS_TOKEN": secrets.token_urlsafe(32),
        "BEHIND_TLS_PROXY": "true",
        "TRUSTED_PROXIES": "10.0.0.1",
    } | env
    return subprocess.run(
        [sys.executable, "manage.py", *args],
        cwd=ROOT,
        env={name: value for name, value in production.items() if value is not None},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_production_environment_is_clean(live_server):
    done = manage("check", "--deploy", "--fail-level", "WARNING", DLR_BASE_URL=live_server.url)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize("name", ["SECRET_KEY", "FERNET_KEYS", "AUDIT_KEY"])
def test_a_missing_variable_is_one_clear_line(name):
    done = manage("check", **{name: None})
    assert done.returncode == 1
    assert done.stderr.splitlines() == [f"settings: Set the {name} environment variable"]


def test_a_short_key_stops_the_start():
    done = manage("migrate", "--plan", AUDIT_KEY="short")
    assert done.returncode == 1
    assert "orbit.E004" in done.stderr
