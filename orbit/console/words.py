"""Values of columns as people read them."""

from __future__ import annotations

from collections.abc import Mapping

from messaging.carriers.demotions import QualityMode
from messaging.own_numbers.models import Route
from messaging.pools.engine.values import Strategy
from reconciler.push import MOVES

STARTED_BY: Mapping[str, str] = {
    "beat": "the schedule",
    "push": "a push",
    MOVES: "a move",
    "command": "a command",
    "api": "the API",
    "admin": "the console",
}
GOES_TO: Mapping[str, str] = {
    Route.WEBHOOK: "webhook",
    Route.ACCESS: "platform bind",
    Route.BOTH: "webhook and platform bind",
}
CHOOSES: Mapping[str, str] = {
    Strategy.ROUND_ROBIN: "each in turn",
    Strategy.WEIGHTED: "by weight",
    Strategy.RANDOM: "at random",
    Strategy.LEAST_RECENTLY_USED: "the one that rested longest",
}
BY_QUALITY: Mapping[str, str] = {
    QualityMode.OFF: "not measured for routes",
    QualityMode.ADVISE: "a fall is said, not acted on",
    QualityMode.ENFORCE: "a fall moves it back",
}
