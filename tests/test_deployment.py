"""What operators copy has to be what the code reads."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from django.conf import settings
from gunicorn.config import Config
from gunicorn.http.parser import RequestParser

ROOT = Path(__file__).resolve().parents[1]


def procfile() -> str:
    return (ROOT / "Procfile").read_text()


def read_by_settings() -> set[str]:
    text = "".join((ROOT / "orbit" / name).read_text() for name in ("settings.py", "limits.py"))
    return set(re.findall(r'\benv\.\w+\(\s*"([A-Z_]+)"', text))


def test_the_example_names_every_variable_of_the_settings() -> None:
    example = (ROOT / ".env.example").read_text()

    named = set(re.findall(r"^(?:# )?([A-Z_]+)=", example, re.MULTILINE))

    assert len(named) > 20
    assert named == read_by_settings()


def test_what_is_uncommented_in_the_example_is_a_value_alone() -> None:
    lines = re.findall(r"^(?:# )?[A-Z_]+=.*", (ROOT / ".env.example").read_text(), re.MULTILINE)

    assert [line for line in lines if " " in line.removeprefix("# ")] == []
    assert len(lines) == len(set(lines)), "one stands there twice"


def test_the_documents_explain_every_variable_of_the_settings() -> None:
    operations = (ROOT / "docs" / "operations.md").read_text()

    explained = set(re.findall(r"^\| `([A-Z_]+)` \|", operations, re.MULTILINE))

    assert explained == read_by_settings()


# What containers have otherwise: HTTPS alone, one address, a volume, collected static files.
FIXED_IN_CONTAINERS = {"ALLOW_HTTP", "DEBUG", "SITE_BIND", "STATE_DIR", "STATIC_FROM_APPS"}


def test_the_containers_are_handed_every_other_variable_of_the_settings() -> None:
    compose = (ROOT / "deploy" / "compose.yaml").read_text()
    _, _, rest = compose.partition("environment: &site-environment\n")
    environment, _, _ = rest.partition("  volumes:")

    handed = set(re.findall(r"^    ([A-Z_]+):", environment, re.MULTILINE))

    assert read_by_settings() - handed == FIXED_IN_CONTAINERS


def test_each_queue_has_its_worker() -> None:
    served = re.findall(r"^(\w+): celery .*--queues (\S+)", procfile(), re.MULTILINE)

    assert served == [
        ("worker", "pushes,celery"),
        ("diagnoser", "diagnosis"),
        ("tester", "carrier_tests"),
        ("sender", "messages"),
        ("webhooks", "webhooks"),
    ]
    assert ",".join(names for _, names in served).split(",") == [
        queue.name for queue in settings.CELERY_TASK_QUEUES
    ]


def test_the_procfile_has_one_beat_and_starts_what_is_installed() -> None:
    lines = procfile().splitlines()
    programs = {kind: shlex.split(command) for kind, command in (x.split(": ", 1) for x in lines)}

    kinds = [
        "release",
        "web",
        "uploads",
        "worker",
        "diagnoser",
        "tester",
        "sender",
        "webhooks",
        "receiver",
        "beat",
    ]
    assert list(programs) == kinds
    assert programs["web"][:2] == ["gunicorn", "orbit.wsgi"]
    assert programs["uploads"][:2] == ["gunicorn", "orbit.wsgi"]
    assert programs["worker"][:4] == ["celery", "-A", "orbit", "worker"]
    assert programs["beat"][:4] == ["celery", "-A", "orbit", "beat"]
    assert [kind for kind, words in programs.items() if "beat" in words or "-B" in words] == [
        "beat"
    ]


@pytest.mark.parametrize("name", ["web", "uploads"])
def test_gunicorn_believes_nobody_about_https(name: str) -> None:
    """Not loopback either, as by its default: BEHIND_TLS_PROXY alone says whom Django believes."""
    (line,) = [each for each in procfile().splitlines() if each.startswith(f"{name}:")]
    plain = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", line)
    config = Config()
    given = config.parser().parse_args(shlex.split(plain)[2:])
    if given.forwarded_allow_ips is not None:  # else gunicorn's own default holds: loopback
        config.set("forwarded_allow_ips", given.forwarded_allow_ips)
    sent = b"GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-Proto: https\r\n\r\n"
    assert next(RequestParser(config, [sent], ("127.0.0.1", 1))).scheme == "http"


def test_one_variable_says_where_the_site_listens() -> None:
    (web,) = [line for line in procfile().splitlines() if line.startswith("web:")]
    default = re.search(r"--bind \$\{SITE_BIND:-([^}]+)\}", web)[1]
    text = (ROOT / "orbit" / "settings.py").read_text()
    assert f'env.str("SITE_BIND", default="{default}")' in text
    assert f"| `SITE_BIND` | `{default}` |" in (ROOT / "docs" / "operations.md").read_text()
    assert "PORT" not in procfile().replace("SITE_BIND", "")


def test_proxy_scripts_and_documents_know_each_process_and_where_it_listens() -> None:
    names = re.findall(r"^(\w+): ", procfile().replace("release: ", ""), re.MULTILINE)
    defaults = dict(re.findall(r"^(\w+): .*--bind \$\{\w+:-([^}]+)\}", procfile(), re.MULTILINE))
    conf = (ROOT / "deploy" / "nginx" / "orbit.conf").read_text()
    upstreams = dict(re.findall(r"\nupstream orbit_(\w+) \{\n    server ([\d.:]+)", conf))

    assert upstreams == defaults
    assert f"PROCESSES='{' '.join(names)}'" in (ROOT / "deploy" / "site.sh").read_text()
    operations = (ROOT / "docs" / "operations.md").read_text()
    assert f"honcho start {' '.join(names)} " in operations
    assert f"`UPLOADS_BIND`, {defaults['uploads']}" in operations


def test_each_step_to_try_works_in_a_terminal_of_its_own() -> None:
    texts = [(ROOT / name).read_text() for name in ("README.md", "docs/tutorial.md")]
    blocks = [
        each
        for text in texts
        for each in re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
        if "manage.py" in each
    ]
    assert len(blocks) >= 4
    for block in blocks:
        assert ". .local/demo.env" in block.partition("manage.py")[0], block


def test_the_index_names_every_decision() -> None:
    folder = ROOT / "docs" / "adr"
    index = (folder / "README.md").read_text()

    named = dict(re.findall(r"^\| (\d+) \| \[.*\]\((.*)\) \|$", index, re.MULTILINE))

    assert sorted(named.values()) == sorted(path.name for path in folder.glob("0*.md"))
    for number, name in named.items():
        title = (folder / name).read_text().splitlines()[0].removeprefix(f"# {number}. ")
        assert f"| {number} | [{title}]({name}) |" in index
