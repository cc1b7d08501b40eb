"""What a process has loaded is not walked again; what it makes then is collected as ever."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from orbit.operations import garbage_collection


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """What is frozen stays so: the tests after this one would have all that is loaded walked."""
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


class Ring:
    def __init__(self) -> None:
        self.itself = self


def test_what_is_there_is_left_alone_and_new_rings_are_collected():
    old = Ring()
    garbage_collection.freeze()
    assert gc.get_freeze_count() > 0
    kept = weakref.ref(old)
    new = weakref.ref(Ring())
    del old

    gc.collect()

    assert kept() is not None
    assert new() is None
    assert gc.get_threshold()[0] == garbage_collection.THRESHOLD
