"""`POST /lane/submits`: the site's submits (`reconciler.gateway_api`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from twisted.web.resource import Resource

from reconciler.launcher.lane.lane import Lane


class Door(Resource):
    """`authenticate(username, password)` gives whoever it is, None for nobody; `cids_of(user)` the
    connectors that this user's submits may take, in order."""

    isLeaf = True  # noqa: N815 - as Twisted calls it

    def __init__(
        self,
        lane: Lane,
        authenticate: Callable[[str, str], Any | None],
        cids_of: Callable[[Any], Sequence[str]],
    ) -> None:
        super().__init__()
