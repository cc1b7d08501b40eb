"""Monitors and gateways come by address; everybody else names a host of ours."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.django_db
ADDRESS = "192.0.2.7:8000"


@pytest.fixture(autouse=True)
def _public_name(settings):
    settings.ALLOWED_HOSTS = ["sms.example.com"]


@pytest.mark.parametrize("host", [ADDRESS, "evil.example", "[::1]:8000", "no host at all"])
def test_health_and_the_doors_of_gateways_answer_by_any_host(client, host):
    assert client.get("/healthz", headers={"Host": host}).json() == {"status": "ok"}
    ready = client.get("/readyz", headers={"Host": host})
    assert "checks" in ready.json()
    one = client.post("/dlr/nothing", {"level": "1"}, headers={"Host": host})
    assert one.text == "ACK/Jasmin"
    for answer in (ready, one):
        assert host not in f"{answer.text} {dict(answer.headers)}"


@pytest.mark.parametrize("path", ["/", "/admin/login/", "/docs", "/v1/me", "/metrics", "/dlrx"])
def test_everything_else_needs_a_host_of_ours(client, path):
    assert client.get(path, headers={"Host": ADDRESS}).status_code == 400
    assert client.get(path, headers={"Host": "sms.example.com"}).status_code != 400
