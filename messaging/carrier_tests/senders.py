"""Which sender a test takes that names none. Sender pools, which build on carriers, say so."""

from __future__ import annotations

from collections.abc import Callable

from messaging.carriers.models import Carrier

Choose = Callable[[Carrier, str], str | None]


def _nobody(carrier: Carrier, to: str) -> str | None:
    return None


_choose: Choose = _nobody


def implement(choose: Choose) -> None:
    """Register who knows the pools, once, when the apps are ready."""
    global _choose  # noqa: PLW0603 - one process, one answer
    _choose = choose


def choose_sender(carrier: Carrier, to: str) -> str | None:
    """A sender of the carrier's pools for this destination, None if there is none."""
    return _choose(carrier, to)
