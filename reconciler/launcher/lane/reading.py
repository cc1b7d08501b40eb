"""`GET /lane/log`: what became of submits, and what carriers sent (`reconciler.gateway_api`)."""

from __future__ import annotations

from collections.abc import Callable

from twisted.web.resource import Resource

from reconciler.launcher.lane.lane import Lane


class Reading(Resource):
    """`is_operator(username, password)`: whether it is the console's user."""

    isLeaf = True  # noqa: N815 - as Twisted calls it

    def __init__(self, lane: Lane, is_operator: Callable[[str, str], bool]) -> None:
        super().__init__()
