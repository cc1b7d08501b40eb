"""What the demo prints at the end: the steps, all addresses, or what went wrong."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

from orbit.dev.demo.environment import ADMIN
from orbit.dev.demo.scene import Scene
from orbit.dev.demo.screen import Screen, short
from orbit.dev.demo.site import Site
from orbit.dev.demo.story import StepFailed, Told
from orbit.dev.stack import StackError

TAIL = 15  # lines of a log
DEFAULT_LOGS = ("web", "worker", "jasmin-main", "postgres")


def show_end(screen: Screen, told: Sequence[Told], *, start: float, story: float) -> None:
    screen.heading(f"Told in {story:.0f} s, after a start of {start:.0f} s")
    screen.steps(
        (f"{number}. {step.title}", f"{step.seconds:.1f} s", step.outcome)
        for number, step in enumerate(told, start=1)
    )


def show_site(screen: Screen, scene: Scene, facts: str, *, stays: bool) -> None:
    site = scene.site
    screen.heading("Where everything is")
    rows = [
        ("API", site.base_url),
        ("documentation", f"{site.url}/docs"),
        ("admin", f"{site.url}/admin/   as {ADMIN}"),
        ("health", f"{site.url}/readyz"),
        ("webhooks", f"{site.inbox.url}   what came, newest first"),
        *(
            (f"console of {each.name}", f"{each.jcli_host}:{each.jcli_port}")
            for each in site.gateways.values()
        ),
    ]
    for carrier in site.carriers.values():
        free = f"system_id {carrier.spare.system_id} is free for you"
        rows.append((carrier.name, f"{carrier.host}:{carrier.port}   {free}"))
        rows.append(("  phones write", f"{carrier.control_url}/"))
    rows.append(("all passwords", facts))
    rows.append(("logs", short(site.logs)))
    for name, value in rows:
        screen.say(f"{name:<18}{value}")
    if stays:
        screen.say("")
        screen.say(
            f'KEY=$(python3 -c \'import json; print(json.load(open("{facts}"))["api_key"])\')'
        )
        screen.say(f'curl -H "X-API-Key: $KEY" {site.base_url}/messaging/smpp/credentials')
        environment = facts.removesuffix(".json") + ".env"
        screen.say(f"(. {environment}; .venv/bin/python manage.py reconcile --plan)")
        screen.done("The site stays up. Ctrl-C ends it, and everything with it.")


def show_failure(screen: Screen, site: Site, error: Exception) -> None:
    """The last lines of the logs concerned, the processes that have ended, and the error."""
    ended: dict[str, int] = {}
    with contextlib.suppress(StackError):  # a start that failed has ended everything
        ended = site.ended()
    screen.heading("It failed")
    logs = error.logs if isinstance(error, StepFailed) else DEFAULT_LOGS
    for name in dict.fromkeys((*ended, *logs)):
        _show_tail(screen, site.logs / f"{name}.log")
    for name, status in ended.items():
        screen.failed(f"{name} has ended, status {status}")
    screen.failed(str(error))
    screen.note(f"all logs are in {short(site.logs)}")


def _show_tail(screen: Screen, file: Path) -> None:
    if file.exists():
        lines = [line for line in file.read_text(errors="replace").splitlines() if line.strip()]
        screen.log(short(file), lines[-TAIL:])
