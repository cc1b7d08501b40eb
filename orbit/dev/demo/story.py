"""The story, in its order. A step is a function of the scene: it shows what it does, raises
Failed when something is not as it says, and returns its outcome in one line."""

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
    organization,
    plan,
    pools,
    reveal,
    rotation,
    routing,
    traffic,
    twenty_credentials,
    wrong_password,
)
from orbit.dev.stack import StackError
from reconciler.jcli.errors import JcliError


@dataclass(frozen=True)
class Step:
    """`logs` name the processes whose last lines help when it fails (`logs/NAME.log`)."""

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
    Step("Is all of it well?", health.is_good, ("web", "worker", "receiver", "beat")),
)


@dataclass(frozen=True)
class Told:
    """A step that did what it says."""

    title: str
    outcome: str
    seconds: float


class StepFailed(Exception):
    """`str()` names the step and says what was not so."""

    def __init__(self, number: int, step: Step, reason: str) -> None:
        super().__init__(f"Step {number}, “{step.title}”: {reason}")
        self.logs = step.logs


def tell(scene: Scene, story: Sequence[Step]) -> list[Told]:
    """Every step, until one fails. Raises StepFailed."""
    told = []
    for number, step in enumerate(story, start=1):
        scene.screen.heading(f"{number}. {step.title}")
        begun = time.perf_counter()
        try:
            outcome = step.tell(scene)
        except (Failed, Unreachable, JcliError, StackError) as error:
            raise StepFailed(number, step, str(error)) from error
        except Exception as error:  # whatever else: the step did not do what it says
            raise StepFailed(number, step, f"{type(error).__name__}: {error}") from error
        finally:
            scene.screen.waited()
        told.append(Told(step.title, outcome, time.perf_counter() - begun))
    return told
