"""Gauges of /metrics."""

from __future__ import annotations

from messaging.credentials.models import CredentialStatus
from reconciler.metrics.gateways import GatewayCollector
from tests.reconciler.conftest import make_credential


def test_binds_that_are_up_and_those_that_are_wanted(tenant):
    make_credential(tenant, port=1, system_id="a", binds=3)
    make_credential(tenant, port=2, system_id="b", binds=2, bind_type="transmitter_receiver")
    make_credential(tenant, port=3, system_id="c", enabled=False)
    CredentialStatus.objects.filter(credential__port__lt=3).update(bound=2)

    found = {family.name: family.samples for family in GatewayCollector().collect()}

    assert [each.value for each in found["orbit_binds_up"]] == [4]
    assert [each.value for each in found["orbit_binds_wanted"]] == [7]
