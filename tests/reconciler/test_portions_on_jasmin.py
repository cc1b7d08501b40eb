"""Portions on the real Jasmin: each is whole, and the last one leaves nothing to do."""

from __future__ import annotations

import pytest

from reconciler import actual
from reconciler.result import Ending
from tests.reconciler.passes import run, status

pytestmark = pytest.mark.stack


def test_portions_bind_one_after_another_and_start_each_bind_once(
    gateway, organization, add_credential, console, smsc, settings
):
    settings.PASS_CREDENTIALS_PER_ORGANIZATION = 2
    made = [add_credential(f"acme{n}") for n in range(5)]
    push = {"organization_id": organization.pk, "trigger": "push"}

    first, second, third = (run(gateway, **push) for _ in range(3))

    assert [each.left for each in (first, second, third)] == [(organization.pk,)] * 2 + [()]
    assert run(gateway).ending is Ending.IN_SYNC
    found = actual.read_sessions(console)
    assert set(found) == {each.gateway_key for each in made}
    assert {(row.starts, row.stops) for row in found.values()} == {(1, 0)}
    assert {status(each).sync_state for each in made} == {"synced"}
    assert {smsc.system(each.system_id).bind_attempts for each in made} == {1}
