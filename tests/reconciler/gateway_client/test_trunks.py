"""One message into Jasmin's HTTP API, here a server that says what it is told.

That the real one says these words is shown in `routes/test_pinned.py`.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

import pytest
from django.utils import timezone

from messaging.credentials.models import Credential
from messaging.gateway import Accepted, Refusal, Refused, Submit, Unknown
from messaging.smpp.protocol.segmentation import encode
from reconciler import placements
from reconciler.gateway_client import trunks
from reconciler.models import Gateway, GatewayLog, GatewayState
from tests.factories import lose_key
from tests.reconciler.conftest import change, make_credential, make_tenant

pytestmark = pytest.mark.django_db

ID = "07033084-5cfd-4812-90a4-e4d24ffb6e3d"


@dataclass
class HttpApi:
    """`status` and `text` are its answer (text None: it hangs up), `requests` what it received."""

    url: str
    status: int = 200
    text: str | None = f'Success "{ID}"'
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)


@pytest.fixture
def api() -> Iterator[HttpApi]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            api.requests.append((self.command, self.path, form))
            if api.text is None:
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response(api.status)
            for name, value in api.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(api.text.encode())

        def log_message(self, *arguments: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        api = HttpApi(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield api
        server.shutdown()
        thread.join()


@pytest.fixture
def gateway(api: HttpApi) -> Gateway:
    return Gateway.objects.create(name="main", jcli_host="192.0.2.1", http_url=api.url)


@pytest.fixture
def credential(gateway: Gateway) -> Credential:
    return make_credential(make_tenant(gateway), port=2775, system_id="acme")


def submit(credential: Credential, **fields):
    message = {"sender": "+15550001111", "to": "+33612345678", "text": "hello"} | fields
    trunk = trunks.trunks([credential.pk])[credential.pk]
    if isinstance(trunk, Refused):
        return trunk
    message["text"] = encode(message["text"], credential.gsm_data_coding)
    (answer,) = trunk.submit_many([Submit(token="t.1", dlr_token="t0ken", **message)])
    return answer


def test_what_jasmin_takes_has_its_id(credential):
    assert submit(credential) == Accepted(ID)


@pytest.mark.parametrize(
    ("status", "kind"), [(200, Unknown), (502, Refused)], ids=["taken or not", "refused"]
)
def test_what_another_server_answers_in_place_of_the_launcher_is_no_yes(
    credential, gateway, api, status, kind
):
    Gateway.objects.update(capabilities=["lane", "addresses"])
    GatewayLog.objects.create(gateway=gateway, log="1" * 32)
    api.status, api.text = status, "<html>a proxy</html>"

    answer = submit(credential)

    assert type(answer) is kind
    assert [path for _, path, _ in api.requests] == ["/lane/submits"]


def test_a_credential_whose_key_is_lost_sends_nothing_and_says_why(credential, api):
    lose_key(credential, "gateway_password")

    answer = submit(credential)

    assert isinstance(answer, Refused)
    assert (answer.kind, answer.retryable) == (Refusal.UNAVAILABLE, True)
    assert "FERNET_KEYS" in answer.reason
    assert api.requests == []


def test_the_password_and_the_text_are_in_no_address(credential, api):
    submit(credential)

    ((method, path, form),) = api.requests
    assert (method, path) == ("POST", "/send")
    assert (form["username"], form["password"]) == (
        credential.gateway_key,
        credential.gateway_password,
    )
    assert (form["coding"], bytes.fromhex(form["hex-content"])) == ("0", b"hello")


def test_receipts_are_asked_for_at_the_address_that_only_we_know(credential, api, settings):
    settings.DLR_BASE_URL = "http://127.0.0.1:9/"

    submit(credential)

    form = api.requests[0][2]
    assert form["dlr-url"] == "http://127.0.0.1:9/dlr/t0ken"
    assert (form["dlr"], form["dlr-level"], form["dlr-method"]) == ("yes", "3", "POST")


@pytest.mark.parametrize(
    ("coding", "text", "written", "octets"),
    [
        (0, "@ €", "0", "00201b65"),
        (3, "@ à", "3", "4020e0"),
        (3, "@ €", "8", "0040002020ac"),
        (1, "@ a", "1", "402061"),
    ],
)
def test_a_text_goes_in_the_alphabet_of_the_carriers_data_coding(
    credential, api, coding, text, written, octets
):
    change(credential, gsm_data_coding=coding)

    submit(credential, text=text)

    form = api.requests[0][2]
    assert (form["coding"], form["hex-content"]) == (written, octets)


def test_what_gsm_7_cannot_say_goes_as_utf_16(credential, api):
    submit(credential, text="Ж😀")

    form = api.requests[0][2]
    assert (form["coding"], form["hex-content"]) == ("8", "0416d83dde00")
    assert "content" not in form


@pytest.mark.parametrize(
    ("plus", "to", "sender"),
    [(True, "+33612345678", "+15550001111"), (False, "33612345678", "15550001111")],
)
def test_the_plus_is_kept_or_dropped_as_the_credential_says(credential, api, plus, to, sender):
    change(credential, addressing=credential.addressing | {"plus": plus})

    submit(credential)

    assert (api.requests[0][2]["to"], api.requests[0][2]["from"]) == (to, sender)


@pytest.mark.parametrize(
    ("status", "text", "kind", "retryable"),
    [
        (412, 'Error "Cannot send submit_sm, no bound connectors"', Refusal.NOT_BOUND, True),
        (412, 'Error "No route found"', Refusal.NOT_SYNCED, True),
        (403, 'Error "Authentication failure for username:x"', Refusal.NOT_SYNCED, True),
        (403, 'Error "User throughput exceeded"', Refusal.TOO_FAST, True),
        (403, 'Error "Authorization failed for user"', Refusal.REJECTED, False),
        (400, 'Error "Argument [to] has an invalid value"', Refusal.REJECTED, False),
        (500, 'Error "whatever"', Refusal.UNAVAILABLE, True),
    ],
)
def test_each_refusal_is_told_by_its_words(credential, api, status, text, kind, retryable):
    api.status, api.text = status, text

    answer = submit(credential)

    assert isinstance(answer, Refused)
    assert (answer.kind, answer.retryable) == (kind, retryable)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('Error "Redis is away"', "Jasmin says: Redis is away"),
        ("<html>", "the gateway failed (HTTP 503)"),
    ],
)
def test_the_reason_that_the_gateway_gives_is_kept(credential, api, text, reason):
    api.status, api.text = 503, text

    assert submit(credential).reason == reason


@pytest.mark.parametrize(
    "text", [None, 'Success "[Failure instance: ChannelClosed]"', "Success", ""]
)
def test_an_answer_that_proves_nothing_is_unknown_and_never_a_success(credential, api, text):
    api.text = text

    assert isinstance(submit(credential), Unknown)


def test_a_port_on_which_nothing_listens_has_taken_nothing(credential, gateway):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        free = probe.getsockname()[1]
    Gateway.objects.filter(pk=gateway.pk).update(http_url=f"http://127.0.0.1:{free}")

    answer = submit(credential)

    assert isinstance(answer, Refused)
    assert (answer.kind, answer.retryable) == (Refusal.UNAVAILABLE, True)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"state": GatewayState.DOWN, "state_reason": "no consumers"}, "down: no consumers"),
        ({"enabled": False}, "no gateway"),
    ],
)
def test_a_gateway_that_is_not_to_be_trusted_is_not_asked(credential, api, gateway, fields, said):
    Gateway.objects.filter(pk=gateway.pk).update(**fields)

    answer = submit(credential)

    assert isinstance(answer, Refused)
    assert (answer.kind, answer.retryable, said in answer.reason) == (
        Refusal.UNAVAILABLE,
        True,
        True,
    )
    assert api.requests == []


def test_a_message_with_tlvs_is_not_sent_without_them(credential, api):
    answer = submit(credential, tlvs=((0x1400, b"abc"),))

    assert isinstance(answer, Refused)
    assert (answer.kind, answer.retryable) == (Refusal.REJECTED, False)
    assert api.requests == []


def test_a_deleted_credential_sends_no_more(credential, api):
    change(credential, deleted_at=timezone.now())

    answer = submit(credential)

    assert isinstance(answer, Refused)
    assert (answer.kind, answer.retryable) == (Refusal.REJECTED, False)
    assert api.requests == []


def test_while_its_organisation_moves_the_old_gateway_is_asked(credential, api):
    new = Gateway.objects.create(
        name="new", jcli_host="192.0.2.2", http_url="http://127.0.0.1:9", state=GatewayState.UP
    )
    placements.move(credential.organization, new)

    assert submit(credential) == Accepted(ID)
