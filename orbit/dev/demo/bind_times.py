"""How long after its POST a credential is bound: in Jasmin, and as the API says it."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

from orbit.dev.demo.api import Api
from orbit.dev.demo.checks import PATIENCE, PAUSE, Failed
from orbit.dev.demo.manual_console import Hands
from orbit.dev.demo.scene import is_bound


@dataclass(frozen=True)
class Posted:
    """A credential, and when its POST was sent (time.perf_counter)."""

    credential_id: str
    system_id: str
    at: float


@dataclass(frozen=True)
class Times:
    """Seconds from the POST to BOUND_TRX in `smppccm -l`, and to `bind.state: bound`."""

    in_jasmin: float
    in_api: float


def until_bound(
    api: Api, hands: Hands, posted: Sequence[Posted], *, before: set[str]
) -> list[Times]:
    """Looks at both until all are bound; exact to the time of a look, some 0.05 s.

    `before` are the connectors that Jasmin had earlier. Raises Failed.
    """
    jasmin_says: dict[str, float] = {}
    api_says: dict[str, float] = {}
    deadline = time.monotonic() + PATIENCE
    while len(jasmin_says) < len(posted) or len(api_says) < len(posted):
        if time.monotonic() > deadline:
            raise Failed(
                f"of {len(posted)} credentials {len(jasmin_says)} are bound in Jasmin and "
                f"{len(api_says)} in the API after {PATIENCE:.0f} s"
            )
        for cid in hands.bound() - before:
            jasmin_says.setdefault(cid, time.perf_counter())
        if len(api_says) < len(posted):
            for credential_id in _bound_in_api(api, posted):
                api_says.setdefault(credential_id, time.perf_counter())
        time.sleep(PAUSE)
    # Only of the new ones: another carrier may know the same system_id.
    cids = hands.accounts(jasmin_says)
    return [
        Times(jasmin_says[cids[each.system_id]] - each.at, api_says[each.credential_id] - each.at)
        for each in posted
    ]


def _bound_in_api(api: Api, posted: Sequence[Posted]) -> set[str]:
    wanted = {each.credential_id for each in posted}
    # A look at one is quicker than one at a whole page.
    seen = [api.credential(*wanted)] if len(wanted) == 1 else api.credentials()
    return {each["id"] for each in seen if each["id"] in wanted and is_bound(each)}


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile: of 20 values the 19th is p95."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
