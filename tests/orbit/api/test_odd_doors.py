"""The addresses beside /v1 and the console: whatever is sent there, no fault of ours.

`ODD_VALUES=0` tries every text in every address; the suite draws some, `ODD_SEED` those of another
run.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from django.test import Client
from django.test import client as django_client

from messaging.messages.attempt_tokens import PREFIX
from orbit.api.utf8_requests import Utf8Request
from tests.orbit.api import odd_values as odd

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

ALL = os.environ.get("ODD_VALUES") == "0"
SEED = int(os.environ.get("ODD_SEED", random.randrange(2**32)))
DOORS = (
    "/{}", "/v1/{}", "/v1//{}", "/docs/{}", "/docs/errors/{}", "/docs?script={}", "/dlr/{}",
    "/openapi.json?version={}&lang={}", "/healthz?{}", "/metrics?{}", "/favicon.ico?{}",
    "/static/{}", "/password/{}/{}", "/password/{}/set-password", "/password/MQ/{}", "/admin/{}",
    "/admin/login/?next={}", "/admin/console/sign-in/done/?code={}&state={}&error={}",
)  # fmt: skip
TOKENS = ("0" * 32, f"{PREFIX}{'0' * 32}.1.{'a' * 32}", f"{PREFIX}{'0' * 32}.999999999.{'a' * 128}")
TEXTS = ("\0", "\u202e", "\uff11", "9" * 5000, "x" * 100_000, "\u0301\u0327" * 5000, "\ufeff", "")
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(django_client, "WSGIRequest", Utf8Request)  # as orbit.wsgi
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("door", DOORS)
def test_any_text_in_an_address(client, door):
    print(f"ODD_SEED={SEED}")
    drawn = random.Random(f"{SEED} {door}").sample(odd.ODD_TEXTS, 5)
    for text in odd.ODD_TEXTS if ALL else ("%00", *drawn):
        path = door.format(*[text] * door.count("{}"))
        statuses = {client.get(path).status_code, client.post(path).status_code}
        assert max(statuses) < 500, (path[:100], statuses)


def fields() -> Iterator[str]:
    """Bodies of forms."""
    for text in TEXTS:
        for name in ("level", "message_status", "id_smsc", "err"):
            usual = {"level": "2", "message_status": "DELIVRD", "id_smsc": "1", "err": "000"}
            yield "&".join(f"{key}={quote(value)}" for key, value in (usual | {name: text}).items())
    yield "level=%FF&message_status=%ED%A0%80&id_smsc=%00"
    yield "level=2&level=1&message_status=%EF%BC%91"
    yield "&" * 5000


@pytest.mark.parametrize("token", TOKENS)
def test_any_report_of_a_gateway(client, token):
    for body in fields():
        answer = client.post(f"/dlr/{token}", body, content_type=FORM)
        assert answer.status_code in (200, 400), body[:100]


@pytest.mark.parametrize(
    "door", ["/dlr/" + TOKENS[0], "/admin/login/", "/password/MQ/set-password"]
)
@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (FORM, b"a=" + b"x" * odd.LARGE),
        (FORM, b"&a=1" * 50_000),
        (FORM, b"\xff\x00=\xed\xa0\x80"),
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=\xff", b"x"),
        ("multipart/form-data; boundary=x", b"--x\r\n"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"\r\n'
         b"Content-Transfer-Encoding: base64\r\n\r\n!!!!\r\n--x--"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; "
         b"name*=undefined''x; filename*=nope''\0\r\n\r\nx\r\n--x--"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"\r\n'
         b"Content-Type: text/plain; charset=hex\r\n\r\nx\r\n--x--"),
        ("multipart/form-data; boundary=x; charset=undefined", b"--x\r\nContent-Disposition: "
         b'form-data; name="_charset_"\r\n\r\nhex\r\n--x--'),
        ("multipart/form-data; boundary=x", b"--x\r\n" + b"a: b\r\n" * 100_000),
        ("application/json", b"{"),
    ],
)  # fmt: skip
def test_any_form(client, door, content_type, body):
    # `post` would encode the body anew, in the charset that is named.
    answer = client.generic("POST", door, body, content_type=content_type)
    assert answer.status_code < 500


def test_a_sign_in_takes_any_text(client):
    for text in TEXTS:
        for name in ("username", "password"):
            form = {"username": "a@example.com", "password": "x", name: text}
            assert client.post("/admin/login/", form).status_code == 200
