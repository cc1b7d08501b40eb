"""What the tests of every noun use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from messaging import gateway
from orbit.accounts.models import Organization
from tests.factories import make_organization
from tests.messaging.net.peers import Peer


@pytest.fixture
def organization(db) -> Organization:
    return make_organization()


@pytest.fixture
def pushes(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> Callable[[], AbstractContextManager[list[str]]]:
    """`with pushes() as ids: …`: the organisations that were pushed by what committed inside."""

    @contextmanager
    def recorded() -> Iterator[list[str]]:
        ids: list[str] = []
        port = SimpleNamespace(push=ids.append, smpp_address=lambda organization_id: None)
        monkeypatch.setattr(gateway, "_implementation", port)
        with django_capture_on_commit_callbacks(execute=True):
            yield ids

    return recorded


@pytest.fixture
def peer() -> Iterator[Callable[..., Peer]]:
    """A peer that is no SMSC: `peer(serve)`."""
    made = []

    def make(serve, **options):
        made.append(Peer(serve, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()
