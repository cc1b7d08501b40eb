"""TLS settings of a credential: accepted, refused, and never shown."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from django.core.management import call_command

from messaging.credentials import pem
from messaging.credentials.models import Credential, CredentialStatus
from messaging.credentials.selectors import SECRETS
from messaging.credentials.tls_settings import tls_of
from messaging.net.tls import Tls
from orbit.operations.reencryption import columns
from tests.messaging.callers import data, refusal
from tests.messaging.credentials.conftest import audit_rows, stored
from tests.messaging.net.authority import Authority, Pair

ACCOUNT = {"host": "127.0.0.1", "system_id": "acme", "password": "secret"}


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def pair(authority) -> Pair:
    return authority.issue("acme")


@pytest.fixture
def certified(api, pair) -> str:
    """A credential with a client certificate."""
    return api.add(tls=True, tls_certificate=pair.certificate, tls_key=pair.key)


def created(answer) -> dict:
    assert answer.status_code == 201, answer.content
    return answer.json()["data"]


def refused(answer, field: str, *, code: str = "VALIDATION_ERROR") -> str:
    """The message on the field, which the answer names."""
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (422, code), error
    assert error["details"]["field"] == field
    assert error["details"]["expected"]
    return error["details"]["errors"][0]["message"]


def test_what_is_not_named_is_checked_in_full_by_the_systems_authorities(api):
    made = created(api.post("", ACCOUNT | {"tls": True}))
    assert {name: made[name] for name in made if name.startswith("tls")} == {
        "tls": True,
        "tls_verify": "full",
        "tls_ca": None,
        "tls_server_name": None,
        "tls_certificate": None,
        "tls_verified": False,
    }
    assert tls_of(stored(made["id"])) == Tls("127.0.0.1")


def test_everything_that_is_named_reaches_the_wire(api, authority, pair):
    wanted = {
        "tls": True,
        "tls_verify": "full",
        "tls_ca": authority.certificate,
        "tls_server_name": "SMPP.Carrier.Example.",
        "tls_certificate": pair.certificate + authority.certificate,
    }
    made = created(api.post("", ACCOUNT | wanted | {"tls_key": pair.key}))
    name = "smpp.carrier.example"
    assert made | {"tls_server_name": name} == made
    assert {key: made[key] for key in wanted} == wanted | {"tls_server_name": name}
    chain = pair.certificate + authority.certificate
    assert tls_of(stored(made["id"])) == Tls(name, True, authority.certificate, chain, pair.key)


def test_without_tls_there_is_none_of_it(api):
    assert tls_of(stored(api.add())) is None


def test_what_stands_between_certificates_is_left_out(api, authority, pair):
    pasted = f"# Issuer\r\n{authority.certificate}\n\n subject=x\n{pair.certificate}".replace(
        "\n", "\r\n"
    )
    made = created(api.post("", ACCOUNT | {"tls": True, "tls_ca": pasted}))
    assert made["tls_ca"] == authority.certificate + pair.certificate


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nonsense", "BEGIN CERTIFICATE"),
        ("-----BEGIN CERTIFICATE-----\nMIIB", "BEGIN CERTIFICATE"),
        (
            "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
            "Certificate 1 can't be read",
        ),
        ("-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----", "is a PUBLIC KEY"),
        ("", "May not be empty"),
        ("x" * 16_385, "16384 characters"),
    ],
)
@pytest.mark.parametrize("field", ["tls_ca", "tls_certificate"])
def test_what_is_no_certificate_is_refused_with_the_fix(api, field, text, said):
    answer = api.post("", ACCOUNT | {"tls": True, field: text})
    assert said in refused(answer, field)


@pytest.mark.parametrize("field", ["tls_ca", "tls_certificate"])
def test_a_certificate_out_of_its_time_is_refused_and_says_when(api, authority, field):
    for begin, end, said in ((-2, -1, "expired on 2"), (1, 2, "is not valid before 2")):
        made = authority.issue("smpp.carrier.example", begin=begin, end=end)
        message = refused(api.post("", ACCOUNT | {"tls": True, field: made.certificate}), field)
        assert "Certificate 1 (CN=smpp.carrier.example)" in message
        assert said in message


@pytest.mark.parametrize("field", ["tls_ca", "tls_certificate"])
def test_a_key_that_was_pasted_where_certificates_go_is_shown_nowhere(api, pair, field):
    answer = api.post("", ACCOUNT | {"tls": True, field: pair.key + pair.certificate})
    assert "private key in it" in refused(answer, field)
    assert pair.key.splitlines()[1] not in answer.content.decode()


def encrypted(pair: Pair) -> str:
    key = load_pem_private_key(pair.key.encode(), None)
    return key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")
    ).decode()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda pair: "nonsense", "one private key in PEM"),
        (lambda pair: pair.certificate + pair.key, "certificate in it"),
        (lambda pair: pair.key + pair.key, "one private key in PEM"),
        (lambda pair: pair.key[:60] + "\n-----END PRIVATE KEY-----", "can't be read"),
        (encrypted, "without its passphrase"),
        (lambda pair: Authority().issue("acme").key, "not the key of the certificate"),
    ],
)
def test_what_is_no_key_of_the_certificate_is_refused(api, pair, make, said):
    key = make(pair)
    body = {"tls": True, "tls_certificate": pair.certificate, "tls_key": key}
    answer = api.post("", ACCOUNT | body)
    assert said in refused(answer, "tls_key")
    assert "value" not in answer.json()["error"]["details"]
    assert Credential.objects.count() == 0


def test_a_chain_in_the_wrong_order_is_named(api, authority, pair):
    chain = authority.certificate + pair.certificate
    body = {"tls": True, "tls_certificate": chain, "tls_key": pair.key}
    assert "certificate 2" in refused(api.post("", ACCOUNT | body), "tls_key")


def test_keys_of_every_usual_form_are_taken(api, pair):
    key = load_pem_private_key(pair.key.encode(), None)
    old = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
    assert old.startswith("-----BEGIN EC PRIVATE KEY-----")
    made = api.add(tls=True, tls_certificate=pair.certificate, tls_key=old)
    assert stored(made).tls_key == pair.key


@pytest.mark.parametrize(
    ("field", "value"),
    [("tls_verify", "none"), ("tls_server_name", "smpp.example.com"), ("tls_ca", ...)],
)
def test_settings_of_tls_without_tls_are_refused(api, authority, field, value):
    value = authority.certificate if value is ... else value
    assert "set `tls` to true" in refused(api.post("", ACCOUNT | {field: value}), field)
    made = api.add()
    assert "set `tls` to true" in refused(api.patch(f"/{made}", {field: value}), field)
    assert data(api.patch(f"/{made}", {field: value, "tls": True}))[field] == value


@pytest.mark.parametrize(("field", "missing"), [("certificate", "key"), ("key", "certificate")])
def test_certificate_and_key_go_together(api, pair, field, missing):
    body = ACCOUNT | {"tls": True, f"tls_{field}": getattr(pair, field)}
    refused(api.post("", body), f"tls_{missing}", code="MISSING_REQUIRED_FIELD")


@pytest.mark.parametrize("name", ["a b", "https://x.example", "x.example:2775", "none", "münchen"])
def test_a_server_name_is_a_host(api, name):
    refused(api.post("", ACCOUNT | {"tls": True, "tls_server_name": name}), "tls_server_name")


class TestChanges:
    def test_a_renewed_certificate_has_to_fit_the_stored_key(self, api, certified, authority):
        other = authority.issue("acme")
        answer = api.patch(f"/{certified}", {"tls_certificate": other.certificate})
        assert "send the pair" in refused(answer, "tls_key")
        both = {"tls_certificate": other.certificate, "tls_key": other.key}
        assert data(api.patch(f"/{certified}", both))["tls_certificate"] == other.certificate
        assert stored(certified).tls_key == other.key

    def test_who_takes_the_certificate_away_takes_the_key_with_it(self, api, certified):
        assert (
            data(api.patch(f"/{certified}", {"tls_certificate": None}))["tls_certificate"] is None
        )
        row = stored(certified)
        assert (row.tls_certificate, row.tls_key) == (None, None)
        assert audit_rows()[-1].changes == ["tls_certificate", "tls_key"]

    def test_the_key_alone_can_not_be_taken_away(self, api, certified):
        answer = api.patch(f"/{certified}", {"tls_key": None})
        refused(answer, "tls_key", code="MISSING_REQUIRED_FIELD")

    def test_switching_tls_off_keeps_the_settings_for_later(self, api, certified, pair):
        made = data(api.patch(f"/{certified}", {"tls": False}))
        assert made["tls_certificate"] == pair.certificate
        assert tls_of(stored(certified)) is None

    def test_the_same_again_is_no_change(self, api, certified, pair):
        before = stored(certified).version
        both = {"tls_certificate": pair.certificate, "tls_key": pair.key}
        api.patch(f"/{certified}", both)
        assert stored(certified).version == before


class TestWhoMay:
    @pytest.mark.parametrize("field", ["tls_verify", "tls_ca", "tls_server_name"])
    def test_whom_to_believe_needs_the_right_to_reveal(self, api, writer, authority, field):
        made = api.add(tls=True)
        value = {
            "tls_verify": "none",
            "tls_ca": authority.certificate,
            "tls_server_name": "evil.example",
        }[field]
        answer = writer.patch(f"/{made}", {field: value})
        assert refusal(answer, 403, "INSUFFICIENT_PERMISSIONS")["details"]["field"] == field
        assert writer.patch(
            f"/{made}", {field: value, "current_password": "secret"}
        ).status_code == (200)

    def test_a_stricter_check_needs_no_right(self, api, writer, pair):
        made = api.add(tls=True, tls_verify="none")
        both = {"tls_certificate": pair.certificate, "tls_key": pair.key}
        assert writer.patch(f"/{made}", {"tls_verify": "full"} | both).status_code == 200


class TestSecrecy:
    def test_the_key_is_in_no_answer_and_no_audit_row(self, api, certified, pair):
        secret = pair.key.splitlines()[1]
        answers = [
            api.get(f"/{certified}"),
            api.get(),
            api.patch(f"/{certified}", {"window": 3}),
            api.patch(f"/{certified}", {"tls_key": pair.key, "tls": True}),
            api.patch(f"/{certified}", {"tls_key": pair.key, "port": 0}),
            api.patch(f"/{certified}", {"tls_kye": pair.key}),
        ]
        assert all(secret not in answer.content.decode() for answer in answers)
        assert "tls_key" not in data(answers[0])
        assert all(secret not in str(row.__dict__) for row in audit_rows())

    def test_the_key_is_ciphertext_in_the_database(self, certified, pair):
        raw = bytes(Credential.objects.values_list("tls_key", flat=True).get())
        assert b"PRIVATE KEY" not in raw
        assert stored(certified).tls_key == pair.key

    def test_a_change_of_fernet_keys_rewrites_it(self, certified):
        assert (Credential, "tls_key") in [(model, column.name) for model, column in columns()]
        call_command("rotate_fernet_keys", check=True)

    def test_it_is_left_in_the_database_unless_it_is_needed(self):
        assert "tls_key" in SECRETS


@pytest.mark.parametrize(
    ("bind_state", "seen", "verified"),
    [("bound", True, True), ("bound", False, False), ("binding", True, False)],
)
def test_verified_is_what_the_live_bind_has(api, bind_state, seen, verified):
    made = api.add(tls=True)
    CredentialStatus.objects.update(bind_state=bind_state, tls_verified=seen)
    assert data(api.get(f"/{made}"))["tls_verified"] is verified


def test_an_rsa_key_is_taken_as_well():
    """Its form is the library's: what is made of it is PKCS #8."""
    key = rsa.generate_private_key(65537, 2048)
    old = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
    assert pem.key(old).startswith("-----BEGIN PRIVATE KEY-----")
