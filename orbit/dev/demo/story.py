"""The steps of the demo, in their order.

A step is a function of the scene. It shows what it does, raises Failed when something is not as it
says, and returns its outcome in one line.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from orbit.dev.demo.checks import Failed
from orbit.dev.demo.http import Unreachable
from orbit.dev.demo.scene import Scene
from orbit.dev.demo.steps import (
    carriers,
    drift,
    failover,
    health,
    opt_out,
    organization,
    plan,
    pools,
    reveal,
    rotation,
    routing,
    traffic,
    twenty_credentials,
    two_way,
    wrong_password,
)
from orbit.dev.stack import StackError
from reconciler.jcli.errors import JcliError


@dataclass(frozen=True)
class Step:
    """A step. `logs`: the logs that are shown when it fails (`logs/NAME.log`)."""

    title: str
    tell: Callable[[Scene], str]
    logs: tuple[str, ...] = ("web", "worker")


STORY = (
    Step("An organisation and its API key", organization.make, ("web",)),
    Step("Three carriers, a credential for each", carriers.connect, ("worker", "north", "south")),
    Step(
        "Twenty credentials: how soon are they bound?",
        twenty_credentials.measure,
        ("worker", "north"),
    ),
    Step("The plan is empty", plan.is_empty, ("worker", "jasmin-main")),
    Step("Carriers by country, and test messages", routing.send, ("web", "worker", "north")),
    Step("One bind, and all carriers behind it", traffic.flow, ("worker", "jasmin-main")),
    Step("A carrier dies, and returns", failover.survive, ("jasmin-main", "north", "world")),
    Step("Somebody changes Jasmin by hand", drift.repair, ("worker", "jasmin-main")),
    Step("A carrier changes its password", rotation.rotate, ("web", "worker", "north")),
    Step("The password is revealed once", reveal.once, ("web",)),
    Step("Messages, from senders that take turns as previewed", pools.rotate),
    Step("A wrong password", wrong_password.is_named, ("worker", "south")),
    Step(
        "A customer writes, and a webhook hears it",
        two_way.hear,
        ("web", "worker", "receiver", "north"),
    ),
    Step("STOP, in the middle of a campaign", opt_out.stop, ("worker", "receiver", "north")),
    Step("Is all of it well?", health.is_good, ("web", "worker", "receiver", "beat")),
)


@dataclass(frozen=True)
class Told:
    """A step that succeeded."""

    title: str
    outcome: str
    seconds: float


class StepFailed(Exception):
    """A step failed. `str()` names the step and the reason."""

    def __init__(self, number: int, step: Step, reason: str) -> None:
        super().__init__(f"Step {number}, “{step.title}”: {reason}")
        self.logs = step.logs


def tell(scene: Scene, story: Sequence[Step]) -> list[Told]:
    """Run every step in order. Raises StepFailed for the first that fails."""
    told = []
    for number, step in enumerate(story, start=1):
        scene.screen.heading(f"{number}. {step.title}")
        begun = time.perf_counter()
        try:
            outcome = step.tell(scene)
        except (Failed, Unreachable, JcliError, StackError) as error:
            raise StepFailed(number, step, str(error)) from error
        except Exception as error:  # any other error means too that the step failed
            raise StepFailed(number, step, f"{type(error).__name__}: {error}") from error
        finally:
            scene.screen.waited()
        told.append(Told(step.title, outcome, time.perf_counter() - begun))
    return told
