"""How a pass ended: one value for the command, the tasks, the API and the console. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Ending(StrEnum):
    IN_SYNC = "in_sync"  # nothing to do
    PLANNED = "planned"  # something to do, and only a plan was asked for
    APPLIED = "applied"
    UNSAFE = "unsafe"  # refused, nothing was changed
    FAILED = "failed"  # some of it could not be done; the rest was
    DOWN = "down"  # the gateway can't be read; nothing was changed
    UNREAD = "unread"  # it takes messages, and can't be read now; what was typed is not known
    BUSY = "busy"  # another pass of this gateway is running


@dataclass(frozen=True)
class Result:
    """- `changes`: as `plan.as_data`, with `outcome` (done, failed) and `error` once applied;
      `more`: how many are left out (`RUN_CHANGES_KEPT`).
    - `error`: why it is unsafe, failed, down or unread, for people.
    - `settling`: cids that were started and are not bound yet.
    - `again`: a further pass has something to do at once (a successor waited for a deletion).
    - `left`: ids of organisations of which further pushes have to bring the rest.
    - `seconds`, `gateway_seconds`: the whole pass; its share spent waiting for Jasmin.
    - `held`: seconds that it kept the gateway's other passes waiting.
    """

    ending: Ending
    gateway: str
    changes: tuple[dict, ...] = ()
    more: int = 0
    warnings: tuple[str, ...] = ()
    error: str = ""
    run_id: str = ""
    persisted: bool = False
    settling: tuple[str, ...] = ()
    again: bool = False
    left: tuple[str, ...] = ()
    seconds: float = 0.0
    gateway_seconds: float = field(default=0.0)
    held: float = 0.0

    @property
    def change_count(self) -> int:
        return len(self.changes) + self.more
