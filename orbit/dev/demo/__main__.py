"""`python -m orbit.dev.demo [--exit] [--fleet 3]`: start all, tell the story, stay up, stop all.

Exit status: 0 when every step did what it says, 1 when one did not or something did not start,
130 when it was interrupted before the end of the story.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from orbit.dev.demo import facts, fleet_story, story
from orbit.dev.demo.checks import Failed
from orbit.dev.demo.scene import Scene
from orbit.dev.demo.screen import Screen, short
from orbit.dev.demo.single_instance import AlreadyRunning, only_one
from orbit.dev.demo.site import Site
from orbit.dev.demo.story import StepFailed
from orbit.dev.demo.summary import show_end, show_failure, show_site
from orbit.dev.stack import StackError
from orbit.dev.stack.jasmin import PROJECT

FOLDER = PROJECT / ".local" / "demo"
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    screen = Screen()
    # A kill asks for the same orderly end as Ctrl-C, which a shell's `&` would have us ignore.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        folder = options.folder.absolute()
        with only_one(folder):
            return Demo(folder, screen, options.fleet).run(stay=not options.exit)
    except (AlreadyRunning, StackError) as error:
        screen.failed(str(error))
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED


class Demo:
    """One run, from the start of the servers until they have stopped."""

    def __init__(self, root: Path, screen: Screen, gateways: int) -> None:
        self._root, self._screen = root, screen
        self._gateways = fleet_story.GATEWAYS[:gateways]
        self._facts, self._environment = root.with_suffix(".json"), root.with_suffix(".env")
        for file in (self._facts, self._environment):
            file.unlink(missing_ok=True)

    def run(self, *, stay: bool) -> int:
        """The exit status. Raises StackError when servers of another demo are still running."""
        screen = self._screen
        screen.title(
            "Orbit BYO-SMPP: the demo",
            f"Everything runs on 127.0.0.1, with its files in {short(self._root)}, and ends with "
            "this command.",
        )
        site = Site(self._root, self._gateways)
        try:
            return self._play(site, stay=stay)
        except KeyboardInterrupt:
            return INTERRUPTED
        except (StepFailed, Failed, StackError) as error:
            screen.waited()
            show_failure(screen, site, error)
            return 1
        except Exception:  # a bug of the demo itself: its servers are stopped all the same
            screen.failed(traceback.format_exc())
            return 1
        finally:
            self._stop(site)

    def _play(self, site: Site, *, stay: bool) -> int:
        begun = time.monotonic()
        self._start(site)
        up = time.monotonic()
        scene = Scene(site, self._screen)
        is_fleet = len(self._gateways) > 1
        told = story.tell(scene, fleet_story.FLEET_STORY if is_fleet else story.STORY)
        show_end(self._screen, told, start=up - begun, story=time.monotonic() - up)
        self._write_facts(scene)
        show_site(self._screen, scene, short(self._facts), stays=stay)
        return self._stay(site) if stay else 0

    def _start(self, site: Site) -> None:
        screen = self._screen
        screen.heading("Starting")
        screen.waiting("PostgreSQL, Redis, Jasmin …")
        begun = time.monotonic()
        site.start(screen.started)
        screen.waited()
        screen.say(f"All is up after {time.monotonic() - begun:.1f} s.")
        screen.say("")
        screen.note(
            f"→ is a request to {site.url} with the header X-API-Key, ← its answer; $ is a command "
            "of the operator; > is typed on Jasmin's console by hand. Passwords are blanked here."
        )

    def _write_facts(self, scene: Scene) -> None:
        """Write the JSON last: programs that wait for it find everything else there."""
        for file in (self._facts, self._environment):
            scene.site.stack.remove_at_end(file)
        facts.write_environment(self._environment, scene.site.environment)
        collected = facts.collect(
            scene.site, api_key=scene.api_key, organization_id=scene.organization_id
        )
        facts.write(self._facts, collected)

    def _stay(self, site: Site) -> int:
        """Wait for Ctrl-C. Raises Failed when a process of ours ends by itself."""
        with contextlib.suppress(KeyboardInterrupt):
            while not (ended := site.ended()):
                time.sleep(1)
            names = ", ".join(f"{name} (status {status})" for name, status in ended.items())
            raise Failed(f"ended by itself: {names}")
        return 0

    def _stop(self, site: Site) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        self._screen.waited()
        self._screen.title("", "Stopping everything …")
        begun = time.monotonic()
        site.stop()
        self._screen.note(f"stopped after {time.monotonic() - begun:.1f} s")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m orbit.dev.demo",
        description="Starts everything on 127.0.0.1, tells the whole story against a real Jasmin, "
        "and stays up until Ctrl-C.",
    )
    parser.add_argument("--exit", action="store_true", help="end when the story has been told")
    parser.add_argument(
        "--folder", type=Path, default=FOLDER, help="for its files (default: .local/demo)"
    )
    parser.add_argument(
        "--fleet",
        type=int,
        default=1,
        choices=(1, *range(fleet_story.FEWEST, len(fleet_story.GATEWAYS) + 1)),
        help="how many gateways; with several, their story is told: one upgraded, one lost",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
