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
        ("PUSH_RATE_LIMIT", "0/60", "orbit.E007"),
        ("DIAGNOSIS_RATE_LIMIT", "60", "orbit.E007"),
        ("TRUSTED_PROXIES", ["10.0.0.0/33"], "orbit.E008"),
        ("SMPP_ALLOWED_NETWORKS", ["localhost"], "orbit.E008"),
        ("GATEWAY_TRUSTED_NETWORKS", [""], "orbit.E008"),
        ("RECONCILE_INTERVAL", 0, "orbit.E009"),
        ("DIAGNOSIS_AT_ONCE", 0, "orbit.E009"),
        ("DNS_LOOKUPS_PER_ORGANIZATION", 0, "orbit.E009"),
        ("RECIPIENTS_MAX_BYTES", 0, "orbit.E009"),
        ("CARRIER_TEST_TRACE_BYTES", 0, "orbit.E009"),
        ("RETENTION_IDEMPOTENCY_HOURS", 0, "orbit.E009"),
        ("MESSAGE_VALIDITY_HOURS", 0, "orbit.E009"),
        ("MESSAGE_OUTCOME_TIMEOUT", 0, "orbit.E009"),
        ("MESSAGE_RECEIPT_TIMEOUT_HOURS", 0.0, "orbit.E009"),
        ("MESSAGE_RECEIPT_TIMEOUT_HOURS", float("nan"), "orbit.E009"),
        ("DLR_BASE_URL", "sms.example.com", "orbit.E010"),
        ("DLR_BASE_URL", "127.0.0.1:8000", "orbit.E010"),
        ("DLR_BASE_URL", "http://", "orbit.E010"),
        ("DLR_BASE_URL", "http://sms.example.com:port", "orbit.E010"),
        ("SITE_URL", "ftp://sms.example.com", "orbit.E010"),
        ("PASSKEY_CHALLENGE_SECONDS", 0, "orbit.E009"),
        ("PASSKEYS_PER_PERSON", 0, "orbit.E009"),
        ("AUDIT_STREAM_SYSLOG", "logs.example.com:syslog", "orbit.E014"),
        ("AUDIT_STREAM_SYSLOG", "logs.example.com:70000", "orbit.E014"),
        ("SECRET_KEY_FALLBACKS", ["short"], "orbit.E011"),
        ("AUDIT_KEY_FALLBACKS", [KEY, "short"], "orbit.E011"),
        ("GATEWAY_PLACEMENT", "luck", "orbit.E015"),
        ("ENCRYPT_MESSAGES", True, "orbit.E012"),
        ("NUMBER_DIGEST_KEYS", [KEY, "short"], "orbit.E013"),
        ("NUMBER_DIGEST_KEYS", ["tests-audit-key-of-more-than-32-characters"], "orbit.E013"),
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
    return _run("manage.py", *args, **env)


def python(code: str, **env: str | None) -> subprocess.CompletedProcess[str]:
    """Run the code with the settings of production."""
    return _run("-c", code, DJANGO_SETTINGS_MODULE="orbit.settings", **env)


def _run(*argv: str, **env: str | None) -> subprocess.CompletedProcess[str]:
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
        [sys.executable, *argv],
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


def test_settings_that_make_no_sense_stop_the_web_process():
    done = python("import orbit.wsgi", DLR_BASE_URL="sms.example.com", MESSAGE_VALIDITY_HOURS="0")
    assert done.returncode == 1
    assert "orbit.E009" in done.stderr
    assert "orbit.E010" in done.stderr


def test_requests_of_a_web_process_get_their_turn_beside_a_long_one():
    done = python("import sys, orbit.wsgi; print(sys.getswitchinterval())")
    assert float(done.stdout) <= 0.001, done.stderr


@pytest.mark.parametrize("program", ["worker", "beat"])
def test_settings_that_make_no_sense_stop_workers_and_beat(program):
    signal = {"worker": "worker_init", "beat": "beat_init"}[program]
    code = (
        f"import celery.signals as s, orbit.celery, django; django.setup(); s.{signal}.send(None)"
    )
    done = python(code, MESSAGE_VALIDITY_HOURS="0")
    assert done.returncode == 1
    assert "orbit.E009" in done.stderr


@pytest.mark.parametrize(("value", "promised"), [(None, False), ("true", True)])
def test_hsts_of_other_hosts_and_for_years_is_a_choice(value, promised):
    code = (
        "from django.conf import settings as s\n"
        "print(s.SECURE_HSTS_SECONDS > 0, s.SECURE_HSTS_INCLUDE_SUBDOMAINS, s.SECURE_HSTS_PRELOAD)"
    )
    done = python(code, HSTS_SUBDOMAINS=value, HSTS_PRELOAD=value)
    assert done.stdout.split() == ["True", str(promised), str(promised)]


def key_file(tmp_path: Path) -> tuple[str, Path]:
    key, file = secrets.token_urlsafe(50), tmp_path / "SECRET_KEY"
    file.write_text(f"{key}\n")
    return key, file


SHOW_KEY = (
    "import os; from django.conf import settings as s; print(s.SECRET_KEY, *os.environ.values())"
)


def test_a_key_comes_from_a_file(tmp_path):
    key, file = key_file(tmp_path)
    said = python(SHOW_KEY, SECRET_KEY=None, SECRET_KEY_FILE=str(file)).stdout.split()
    assert said[0] == key
    assert key not in said[1:]  # children and /proc don't see it


def test_a_key_is_a_credential_of_systemd(tmp_path):
    key, file = key_file(tmp_path)
    done = python(SHOW_KEY, SECRET_KEY=None, CREDENTIALS_DIRECTORY=str(tmp_path))
    assert done.stdout.split()[0] == key


def test_a_key_comes_from_a_command(tmp_path):
    key, file = key_file(tmp_path)
    said = python(SHOW_KEY, SECRET_KEY=None, SECRET_KEY_COMMAND=f"cat '{file}'").stdout.split()
    assert said[0] == key
    assert key not in said[1:]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"SECRET_KEY_FILE": "/nonexistent/key"},
            "SECRET_KEY_FILE: /nonexistent/key can't be read",
        ),
        ({"SECRET_KEY_COMMAND": "/nonexistent/vault hunter2"}, "can't be run: FileNotFoundError"),
        ({"SECRET_KEY_COMMAND": "sh -c 'echo hunter2; exit 3'"}, "ended with status 3"),
        ({"SECRET_KEY_COMMAND": "true"}, "ended with status 0 and printed nothing"),
        ({"SECRET_KEY_COMMAND": "true", "SECRET_KEY_FILE": "/x"}, "not both"),
    ],
)
def test_a_source_that_gives_no_key_is_one_clear_line(changes, words):
    done = manage("check", SECRET_KEY=None, **changes)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert words in line
    assert "hunter2" not in line
