"""Passes over a running gateway bring the lists of opted-out numbers over before its users."""

from __future__ import annotations

import pytest

from messaging.opt_outs import changes
from messaging.opt_outs.models import OptOut, Source
from orbit.accounts.models import Organization
from orbit.dev.stack import Jasmin
from reconciler.gateway_client.operator_client import GatewayAway, OperatorClient
from reconciler.models import Gateway
from reconciler.result import Ending
from tests.reconciler.launcher.smpp_platform import SmppPlatform
from tests.reconciler.passes import run
from tests.reconciler.test_access_addresses import make_access

pytestmark = pytest.mark.stack

NUMBER = "+33612345678"
INVALID_DESTINATION = 0x0B


def opt_out(organization: Organization, *numbers: str) -> None:
    changes.add(
        OptOut(
            organization_id=organization.pk, number=each, scope="organization", source=Source.API
        )
        for each in numbers
    )


def test_the_first_bind_finds_the_list(
    gateway: Gateway, organization: Organization, jasmin: Jasmin
) -> None:
    make_access(organization)
    opt_out(organization, NUMBER)

    assert run(gateway).ending is Ending.APPLIED

    # Other submits have no route, which is the same status without the text.
    with SmppPlatform(jasmin, organization.gateway_key, "acc3ss-1") as platform:
        answers = [platform.submit(destination_addr=each) for each in (NUMBER, "+33699999999")]
    assert [each.status for each in answers] == [INVALID_DESTINATION] * 2
    assert [each.tlv(0x001D) for each in answers] == [b"opted out\0", None]


def test_a_list_that_does_not_come_over_is_a_fault_of_its_organisation(
    gateway: Gateway, organization: Organization, jasmin: Jasmin, monkeypatch
) -> None:
    make_access(organization)
    opt_out(organization, NUMBER)

    def away(*_: object) -> None:
        raise GatewayAway("HTTP API 127.0.0.1:1: timed out")

    with monkeypatch.context() as patched:
        patched.setattr(OperatorClient, "opt_out_lists", away)
        run(gateway)
    gateway.refresh_from_db()
    assert [each["organization_id"] for each in gateway.faults] == [organization.pk]
    assert "opted-out" in gateway.faults[0]["error"]

    run(gateway)
    gateway.refresh_from_db()
    assert gateway.faults == []
