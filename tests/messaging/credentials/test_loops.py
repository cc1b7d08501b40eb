"""A credential leads to a carrier, never to a gateway of ours."""

from __future__ import annotations

import pytest
from django.test import Client

from messaging.credentials import loops
from messaging.credentials.loops import OwnServers
from messaging.net.resolution import ResolveError
from reconciler.models import Gateway
from tests.factories import make_api_key

URL = "/v1/messaging/smpp/credentials"

OWN = OwnServers(frozenset({("sms.example.com", 2775), ("10.0.0.5", 2775)}))
ANSWERS = {"sms.example.com": ["8.8.8.8", "2a00:1450::8"], "10.0.0.5": ["10.0.0.5"]}


@pytest.mark.parametrize(
    ("host", "port", "addresses"),
    [
        ("sms.example.com", 2775, []),  # while the name server is away
        ("SMS.example.com.", 2775, []),
        ("alias.example.net", 2775, ["8.8.8.8"]),
        ("alias.example.net", 2775, ["9.9.9.9", "8.8.8.8"]),
        ("alias.example.net", 3550, ["8.8.8.8"]),  # another port of the NAT
        ("2a00:1450::8", 2775, ["2a00:1450::8"]),
        ("mapped.example.net", 2775, ["::ffff:8.8.8.8"]),
        ("10.0.0.5", 2775, ["10.0.0.5"]),
    ],
)
def test_a_gateway_of_ours_is_refused_however_it_is_written(host, port, addresses, settings):
    settings.SMPP_ALLOWED_NETWORKS = ["10.0.0.0/8"]

    assert OWN.refusal(host, port, addresses, ANSWERS) == loops.REASON


@pytest.mark.parametrize(
    ("host", "port", "addresses"),
    [
        ("smsc.example.net", 2775, ["9.9.9.9"]),
        ("smsc.example.net", 2775, []),
        ("10.0.0.5", 2776, ["10.0.0.5"]),  # a carrier beside it, on a network that is allowed
    ],
)
def test_a_carrier_is_not(host, port, addresses, settings):
    settings.SMPP_ALLOWED_NETWORKS = ["10.0.0.0/8"]

    assert OWN.refusal(host, port, addresses, ANSWERS) == ""


def test_a_name_of_ours_that_does_not_resolve_refuses_no_carrier():
    answers = {"sms.example.com": ResolveError("away"), "10.0.0.5": ["10.0.0.5"]}

    assert OWN.refusal("smsc.example.net", 2775, ["9.9.9.9"], answers) == ""


@pytest.mark.django_db
class TestRequests:
    """A gateway whose address is that of a NAT: its public one is not ours by any interface."""

    BODY = {"system_id": "acme", "password": "secret"}

    @pytest.fixture(autouse=True)
    def _gateway(self, monkeypatch, settings):
        settings.SMPP_ALLOWED_NETWORKS = ["127.0.0.0/8"]
        monkeypatch.setattr(loops, "_servers", lambda: [("8.8.8.8", 2775), ("127.0.0.1", 2775)])

    @pytest.fixture
    def client(self) -> Client:
        return Client(headers={"X-API-Key": make_api_key().secret})

    def post(self, client: Client, **fields):
        return client.post(URL, self.BODY | fields, content_type="application/json")

    @pytest.mark.parametrize("address", [("8.8.8.8", 2775), ("8.8.8.8", 1), ("127.0.0.1", 2775)])
    def test_no_credential_is_made_that_leads_to_it(self, client, address):
        answer = self.post(client, host=address[0], port=address[1])

        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (422, "VALIDATION_ERROR")
        assert error["details"]["field"] == "host"
        assert "loop" in error["message"]

    def test_none_is_changed_to_lead_to_it_by_its_port(self, client):
        made = self.post(client, host="127.0.0.1", port=2776)
        path = f"{URL}/{made.json()['data']['id']}"
        body = {"port": 2775, "current_password": "secret"}

        answer = client.patch(path, body, content_type="application/json")

        assert answer.status_code == 422
        assert client.get(path).json()["data"]["port"] == 2776


@pytest.mark.django_db
def test_gateways_are_known_by_every_address():
    Gateway.objects.create(
        name="main", jcli_host="10.0.0.5", jcli_username="u", jcli_password="p",
        http_url="http://10.0.0.6:1401", smpp_host="sms.example.com", smpp_port=3775,
    )  # fmt: skip
    Gateway.objects.create(
        name="not reached from outside", jcli_host="10.0.0.7", jcli_username="u",
        jcli_password="p", http_url="http://10.0.0.7:1401",
    )  # fmt: skip

    hosts = {"10.0.0.5", "10.0.0.6", "sms.example.com"}
    assert OwnServers.now() == OwnServers(frozenset((host, 3775) for host in hosts))
