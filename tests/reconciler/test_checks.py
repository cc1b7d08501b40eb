"""Checks of the gateways that a deployment would use."""

from __future__ import annotations

import pytest
from django.core.checks import Error

from reconciler import checks
from reconciler.models import Gateway

DEFAULT = ["default"]


def found() -> list[Error]:
    return checks.gateways_are_in_trusted_networks(None, DEFAULT)


def gateway(host: str, *, http: str = "http://127.0.0.1:1401", **fields) -> Gateway:
    return Gateway.objects.create(name="far", jcli_host=host, http_url=http, **fields)


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_a_console_on_loopback_is_fine(host):
    gateway(host)
    assert found() == []


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["10.1.2.3", "jasmin.example.com"])
def test_a_console_anywhere_else_is_an_error_that_names_it(host):
    gateway(host)
    (error,) = found()
    assert error.id == "reconciler.E001"
    assert f"gateway far: {host} is not in GATEWAY_TRUSTED_NETWORKS" in error.msg
    assert "tunnel" in error.hint


@pytest.mark.django_db
def test_the_http_api_counts_like_the_console():
    gateway("127.0.0.1", http="http://10.1.2.3:1401")
    assert ["10.1.2.3" in error.msg for error in found()] == [True]


@pytest.mark.django_db
def test_an_address_of_a_trusted_network_is_fine(settings):
    settings.GATEWAY_TRUSTED_NETWORKS = ["127.0.0.0/8", "10.1.0.0/16"]
    gateway("10.1.2.3")
    assert found() == []


@pytest.mark.django_db
def test_a_gateway_that_is_switched_off_is_not_looked_at():
    gateway("10.1.2.3", enabled=False)
    assert found() == []


def test_without_a_database_nothing_is_looked_at():
    assert checks.gateways_are_in_trusted_networks(None, None) == []
    assert checks.locks_have_sessions(None, None) == []
