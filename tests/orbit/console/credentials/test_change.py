"""The form that changes a credential."""

from __future__ import annotations

import pytest

from messaging.credentials.models import Credential
from tests.messaging.net.authority import Authority, Pair
from tests.orbit.console.conftest import SECRET, last_event, path_of


@pytest.fixture(scope="module")
def pair() -> Pair:
    return Authority().issue("acme")


def fields(credential: Credential, **changed) -> dict:
    kept = {
        "name": credential.name, "host": credential.host, "port": credential.port,
        "bind_type": "transceiver", "throughput": 50, "window": 10,
        "enquire_link_interval": 30, "message_id_format": "same", "version": 1,
        "inbound_charset": "gsm7", "inbound_parts_timeout": 900,
        "tls_verify": "full", "binds": 1,
    }  # fmt: skip
    return kept | changed


def test_what_differs_is_written(administrator, credential):
    path = path_of(credential, "edit")
    answer = administrator.post(path, fields(credential, port=2776, throughput=""))
    assert answer.status_code == 302, answer.text
    row = Credential.objects.get(pk=credential.pk)
    assert (row.port, row.throughput, row.status.sync_state) == (2776, None, "pending")
    assert sorted(last_event().changes) == ["port", "throughput"]


def test_who_may_not_reveal_needs_the_password_to_change_the_address(operator, credential):
    path = path_of(credential, "edit")
    refused = operator.post(path, fields(credential, port=2776))
    assert "sends the stored password somewhere else" in refused.text
    wrong = operator.post(path, fields(credential, port=2776, current_password="wrong"))
    assert wrong.status_code == 200
    assert Credential.objects.get(pk=credential.pk).port == 2775
    assert last_event().outcome == "refused"
    right = operator.post(path, fields(credential, port=2776, current_password=SECRET))
    assert right.status_code == 302
    assert Credential.objects.get(pk=credential.pk).port == 2776


@pytest.mark.parametrize(
    ("field", "value"), [("port", 70000), ("host", "10.0.0.1"), ("window", 0), ("name", "none")]
)
def test_the_api_s_rules_hold(administrator, credential, field, value):
    answer = administrator.post(path_of(credential, "edit"), fields(credential, **{field: value}))
    assert answer.status_code == 200
    assert "oc-error" in answer.text
    assert Credential.objects.get(pk=credential.pk).version == 1


def test_certificates_keys_and_tlvs_are_written(administrator, credential, pair):
    path = path_of(credential, "edit")
    certificate = pair.certificate.replace("\n", "\r\n")
    tls = {"tls": "on", "tls_certificate": certificate, "tls_key": pair.key}
    tlvs = {"tlvs": "0x1400 cstring 1101 x\r\n\r\n 0x0019  int8 1\r\n"}
    answer = administrator.post(path, fields(credential, **tls, **tlvs))
    assert answer.status_code == 302, answer.text
    row = Credential.objects.get(pk=credential.pk)
    assert (row.tls_certificate, row.tls_key) == (pair.certificate, pair.key)
    assert row.tlvs == [
        {"tag": "0x1400", "type": "cstring", "value": "1101 x"},
        {"tag": "0x0019", "type": "int8", "value": 1},
    ]
    page, form = administrator.get(path_of(credential)).text, administrator.get(path).text
    assert "CN=acme until " in page and "0x1400 cstring 1101 x" in page
    assert "0x0019 int8 1" in form and "BEGIN CERTIFICATE" in form
    assert pair.key.splitlines()[1] not in page + form


def test_what_was_not_touched_is_not_changed(administrator, credential, pair):
    tlvs = [{"tag": "0x1400", "type": "octets", "value": "0a"}]
    kept = {"tls": True, "tls_certificate": pair.certificate, "tls_key": pair.key}
    Credential.objects.filter(pk=credential.pk).update(tlvs=tlvs)
    row = Credential.objects.get(pk=credential.pk)
    for name, value in kept.items():
        setattr(row, name, value)
    row.save()
    same = {
        "tls": "on",
        "tls_certificate": pair.certificate.replace("\n", "\r\n"),
        "tlvs": "0x1400 octets 0a",
    }
    administrator.post(path_of(credential, "edit"), fields(credential, window=3, **same))
    assert last_event().changes == ["window"]
    assert Credential.objects.get(pk=credential.pk).tls_key == pair.key


@pytest.mark.parametrize(
    ("tls", "said"),
    [
        ({"tls_key": "KEY"}, "one private key in PEM"),
        ({"tls_ca": "nonsense"}, "BEGIN CERTIFICATE"),
        ({"tlvs": "0x0424 cstring x"}, "message_payload"),
        ({"tlvs": "0x1400 int8 x"}, "whole number"),
        ({"tlvs": "0x1400 int8 \u00b2"}, "whole number"),
        ({"tlvs": "0x1400 int8 \uff11"}, "whole number"),
        ({"tlvs": "0x1400 int8 --5"}, "whole number"),
        ({"tlvs": f"0x1400 int8 {'9' * 5000}"}, "whole number"),
        ({"tlvs": "0x1400"}, "required"),
        ({"tls": "", "tls_server_name": "x.example"}, "no meaning without TLS"),
    ],
)
def test_a_fault_stands_beside_its_field(administrator, credential, pair, tls, said):
    body = {"tls": "on", "tls_key": pair.key} | tls
    answer = administrator.post(path_of(credential, "edit"), fields(credential, **body))
    assert answer.status_code == 200
    assert said in answer.text
    assert pair.key.splitlines()[1] not in answer.text
    assert Credential.objects.get(pk=credential.pk).version == 1


def test_a_change_of_an_older_version_is_refused(administrator, credential):
    Credential.objects.update(version=2)
    answer = administrator.post(path_of(credential, "edit"), fields(credential, port=2776))
    assert "Somebody else changed" in answer.text
    assert Credential.objects.get(pk=credential.pk).port == 2775
