"""The demo itself, as `make demo` runs it."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from orbit.dev.demo.fleet_story import FLEET_STORY
from orbit.dev.demo.story import STORY
from orbit.dev.stack.jasmin import PROJECT
from orbit.dev.stack.processes import poll
from tests.orbit.dev.leftovers import processes_of

pytestmark = pytest.mark.stack

PATIENCE = 240  # seconds; this machine may be doing other things
# The demo with a story of one step, which does what is written in its place.
SHORT = """
import sys
from orbit.dev.demo import __main__ as demo, story
from orbit.dev.demo.checks import Failed

def step(scene):
    {body}
    return "done"

story.STORY = (story.Step("A short story", step, logs=("web",)),)
{site}
sys.exit(demo.main(sys.argv[1:]))
"""

# The whole demo, whose programs are forked as others of the tests: what it spends is their imports.
FORKED = """
import subprocess, sys
from functools import partial
from types import SimpleNamespace
from orbit.dev.demo import __main__ as demo, commands, site
from tests.fixtures.forkserver.guard import ForkingGuard
from tests.fixtures.forkserver.programs import run

def forked(argv, *, capture_output, start_new_session, **options):
    return run(argv, **options)

site.Stack = partial(site.Stack, guard=ForkingGuard)
commands.subprocess = SimpleNamespace(run=forked, TimeoutExpired=subprocess.TimeoutExpired)
sys.exit(demo.main(sys.argv[1:]))
"""

# In place of the start of all servers.
LOGS_ALONE = """
def start(site, ready):
    (site.logs / "web.log").write_text("Starting gunicorn")

demo.Site.start = start
"""

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where Debian's `postgres` account gets to; its facts are beside it."""
    local = PROJECT / ".local"
    local.mkdir(exist_ok=True)
    root = Path(tempfile.mkdtemp(prefix="test-", dir=local))
    root.chmod(0o711)
    yield root / "demo"
    shutil.rmtree(root, ignore_errors=True)


@pytest.fixture
def start(folder: Path) -> Iterator[Start]:
    """Starts the demo, or this program, with standard output to read."""
    demos: list[subprocess.Popen[str]] = []

    def run(*options: str, program: str = "") -> subprocess.Popen[str]:
        what = ["-c", program] if program else ["-m", "orbit.dev.demo"]
        demo = subprocess.Popen(
            [sys.executable, *what, "--folder", str(folder), *options],
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            # As `make demo &` in a script starts it.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
        )
        demos.append(demo)
        return demo

    yield run
    for demo in demos:
        demo.kill()
        demo.wait()
        demo.stdout.close()


@pytest.fixture
def running(folder: Path) -> Callable[[], list[str]]:
    return partial(processes_of, folder)


def read_json(url: str, key: str) -> dict:
    request = Request(url, headers={"X-API-Key": key})
    with build_opener(ProxyHandler({})).open(request, timeout=10) as answer:
        return json.load(answer)


def secrets_of(folder: Path) -> set[str]:
    files = (folder / "secrets.json", folder / "passwords.json")
    return {secret for file in files for secret in json.loads(file.read_text()).values()}


@pytest.mark.slow("the whole demo: its own stack, site and fifteen steps")
def test_the_story_is_told_the_site_stays_up_and_an_interrupt_ends_it_all(
    folder: Path, start: Start, running
) -> None:
    facts_file = folder.with_suffix(".json")
    demo = start(program=FORKED)
    assert poll(lambda: facts_file.exists() or demo.poll() is not None, timeout=PATIENCE)
    assert demo.poll() is None, demo.communicate()[0]
    facts = json.loads(facts_file.read_text())
    secrets = secrets_of(folder) | {facts["api_key"]}
    assert facts_file.stat().st_mode & 0o777 == 0o600
    environment = folder.with_suffix(".env")
    assert environment.stat().st_mode & 0o777 == 0o600

    listed = read_json(f"{facts['base_url']}/messaging/smpp/credentials", facts["api_key"])
    assert {row["name"]: row["bind"]["state"] for row in listed["data"]} == {
        "North Telecom": "bound",
        "South Mobile": "bound",
        "World Transit": "bound",
    }

    second = start("--exit")
    said, _ = second.communicate(timeout=60)
    assert second.returncode == 1
    assert f"a demo is already running here (process {demo.pid})" in said
    assert facts_file.exists()

    demo.send_signal(signal.SIGINT)
    said, _ = demo.communicate(timeout=60)
    assert demo.returncode == 0, said
    for number, step in enumerate(STORY, start=1):
        assert f"✓ {number}. {step.title}" in said
    assert not [secret for secret in secrets if secret in said]
    assert not facts_file.exists()
    assert not environment.exists()
    assert not running()


@pytest.mark.kills
@pytest.mark.slow("three gateways, of which one is upgraded and one is lost")
def test_the_fleets_story_is_told_and_ends_by_itself(folder: Path, start: Start, running) -> None:
    demo = start("--exit", "--fleet", "3")
    said, _ = demo.communicate(timeout=5 * PATIENCE)
    assert demo.returncode == 0, said
    for number, step in enumerate(FLEET_STORY, start=1):
        assert f"✓ {number}. {step.title}" in said
    assert not [secret for secret in secrets_of(folder) if secret in said]
    assert not running()


def test_a_step_that_fails_is_named_and_nothing_is_left(
    folder: Path, start: Start, running
) -> None:
    """Of a site that was not started: what that leaves at its end, the other tests tell."""
    program = SHORT.format(body='raise Failed("the carrier is on holiday")', site=LOGS_ALONE)
    demo = start("--exit", program=program)
    said, _ = demo.communicate(timeout=PATIENCE)
    assert demo.returncode == 1
    assert "✗ Step 1, “A short story”: the carrier is on holiday\n" in said
    assert "Starting gunicorn" in said.split("== It failed")[1]
    assert not folder.with_suffix(".json").exists()
    assert not running()


@pytest.mark.kills
@pytest.mark.slow("the start of a stack and a site of its own")
def test_a_kill_leaves_nothing(folder: Path, start: Start, running) -> None:
    """Also not what says how to reach it."""
    body = "import time; demo.facts.write(scene.site.root.with_suffix('.json'), {}); "
    body += "scene.site.stack.remove_at_end(scene.site.root.with_suffix('.json')); "
    body += "print('told', flush=True); time.sleep(300)"
    demo = start(program=SHORT.format(body=body, site=""))
    assert any("told" in line for line in demo.stdout)
    assert len(running()) > 15
    demo.kill()
    demo.wait()
    assert poll(lambda: not running(), timeout=30), running()
    assert poll(lambda: not folder.with_suffix(".json").exists(), timeout=30)


def test_an_interrupt_of_the_start_ends_it(start: Start, running) -> None:
    demo = start()
    assert any("Redis" in line for line in demo.stdout)
    demo.send_signal(signal.SIGINT)
    demo.communicate(timeout=60)
    assert demo.returncode == 130
    assert not running()
