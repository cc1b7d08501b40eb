"""CPU seconds of process trees."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence

import psutil


class Cpu:
    """CPU time of each part since this was made; `parts`: root processes by part."""

    def __init__(self, parts: Mapping[str, Sequence[int]]) -> None:
        self._parts = parts
        self._before = self._now()

    def used(self) -> dict[str, float]:
        """Seconds by part, user and system together."""
        return {part: seconds - self._before[part] for part, seconds in self._now().items()}

    def _now(self) -> dict[str, float]:
        return {part: sum(map(_of_tree, pids)) for part, pids in self._parts.items()}


def _of_tree(pid: int) -> float:
    """Of a process and its children; ended ones are in the times of their parent."""
    root, seconds = psutil.Process(pid), 0.0
    for process in (root, *root.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            seconds += times.user + times.system + times.children_user + times.children_system
    return seconds
