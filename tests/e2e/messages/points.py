"""Where in the code a process dies."""

from __future__ import annotations

from typing import NamedTuple


class Point(NamedTuple):
    """Before or after (`when`) each `every`-th call of `function` in a process."""

    function: str
    when: str
    every: int

    @property
    def name(self) -> str:
        return f"{self.function} {self.when} {self.every}"

    @classmethod
    def named(cls, name: str) -> Point:
        function, when, every = name.split()
        return cls(function, when, int(every))
