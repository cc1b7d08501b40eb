"""The order of each route, which is its only name in Jasmin. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from reconciler.state import Route

# Blocks of orders, the highest first; within one, any free order is as good as another.
PINNED, LISTED, UNLISTED = 3_000_000, 2_000_000, 1_000_000


def assign_orders(
    wanted: Iterable[Route], found: Iterable[Route], taken: Iterable[int]
) -> list[Route]:
    """Give each wanted route an order: that of the route which it replaces, or a free one.

    A route of the same user and pattern keeps its order, so a change of carriers replaces it
    without a gap and moves nothing else. `taken`: all orders in use, those of foreign routes too.
    """
    places = {(route.user, route.pattern): route.order for route in found}
    taken = set(taken)
    free = {block: _free(block, taken) for block in (PINNED, LISTED, UNLISTED)}
    settled = []
    for route in wanted:
        place = places.get((route.user, route.pattern), 0)
        if block_of(place) != route.order:
            place = next(free[route.order])
        settled.append(replace(route, order=place))
    return settled


def block_of(order: int) -> int:
    """Return the block that an order lies in; 0 for one below ours."""
    return next((block for block in (PINNED, LISTED, UNLISTED) if order >= block), 0)


def _free(block: int, taken: set[int]) -> Iterator[int]:
    """Yield free orders of the block, lowest first."""
    order = block
    while True:
        if order not in taken:
            yield order
        order += 1
