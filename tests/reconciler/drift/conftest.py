"""A credential that is bound in the real Jasmin, and a console to change Jasmin by hand."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from messaging.credentials.models import Credential
from orbit.dev.stack import Jasmin
from reconciler.models import Gateway
from reconciler.result import Ending
from tests.reconciler.jcli.wire import Person
from tests.reconciler.passes import run, status


@pytest.fixture
def credential(gateway: Gateway, add_credential: Callable[..., Credential]) -> Credential:
    """`acme`, bound."""
    credential = add_credential()
    assert run(gateway).ending is Ending.APPLIED
    assert status(credential).bind_state == "bound"
    return credential


@pytest.fixture
def hand(jasmin: Jasmin, gateway: Gateway) -> Iterator[Callable[..., list[str]]]:
    """`hand("group -l", …)` types lines as an operator does; returns the last answer."""
    with Person(
        jasmin.jcli_host, jasmin.jcli_port, jasmin.jcli_username, jasmin.jcli_password
    ) as person:

        def type_lines(*lines: str) -> list[str]:
            answer: list[str] = []
            for line in lines:
                answer = person.type(line)
            assert person.prompt == "jcli : ", answer
            return answer

        yield type_lines


@pytest.fixture
def repair(gateway: Gateway) -> Callable[[Credential], list[tuple[str, str]]]:
    """Run one pass; everything is as wanted after it. Returns its changes: (kind, action)."""

    def repair(credential: Credential) -> list[tuple[str, str]]:
        result = run(gateway)
        assert result.ending is Ending.APPLIED, result
        assert result.persisted
        assert run(gateway).ending is Ending.IN_SYNC
        seen = status(credential)
        assert (seen.sync_state, seen.bind_state) == ("synced", "bound")
        return [(entry["kind"], entry["action"]) for entry in result.changes]

    return repair


@pytest.fixture
def restart(jasmin: Jasmin) -> Callable[[Path | None], None]:
    """Kill Jasmin, put this folder in the place of its store, start it."""

    def restart(store: Path | None) -> None:
        jasmin.kill()
        shutil.rmtree(jasmin.store)
        if store is not None:
            shutil.copytree(store, jasmin.store)
        jasmin.start()

    return restart
