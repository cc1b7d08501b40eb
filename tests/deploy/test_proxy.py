"""The proxy's configuration, and what nginx does with it."""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.test import RequestFactory

from orbit.api.errors import ApiError, error_body
from orbit.api.middleware import SECRET_PREFIXES
from orbit.api.throttling import Rate
from orbit.dev.stack.ports import Ports
from orbit.dev.stack.processes import poll
from tests.fixtures import front

CONF = front.CONF
ENVIRONMENT = CONF.parents[2] / ".env.example"
Body = bytes | Iterator[bytes] | None  # an iterator is sent chunked
LOCATIONS = dict(re.findall(r"location (\S+) \{([^}]*)\}", CONF.read_text()))


def test_addresses_that_are_secrets_reach_no_log_of_the_proxy() -> None:
    for prefix in SECRET_PREFIXES:
        rules = next(text for path, text in LOCATIONS.items() if path.rstrip("/") + "/" == prefix)
        assert "access_log off" in rules or "return 404" in rules, prefix
    plain, _ = CONF.read_text().split("listen 443", 1)
    assert "access_log off" in plain


def test_what_a_client_claims_about_itself_is_overwritten_everywhere() -> None:
    """nginx takes the server's headers for a location that sets none of its own."""
    server, _ = CONF.read_text().split("location / {")

    assert "proxy_set_header X-Forwarded-For $remote_addr;" in server
    assert not any("proxy_set_header" in rules for rules in LOCATIONS.values())


def test_who_keeps_to_the_limit_of_requests_never_meets_that_of_the_proxy() -> None:
    """A window may begin with all of its requests right after the last one has ended so."""
    shipped = Rate.parse(re.search(r"API_RATE_LIMIT=(\S+)", ENVIRONMENT.read_text())[1])
    rate = int(re.search(r"zone=orbit_callers:\S+ rate=(\d+)r/s", CONF.read_text())[1])
    burst = int(re.search(r"zone=orbit_callers burst=(\d+) nodelay", CONF.read_text())[1])

    assert rate >= shipped.limit / shipped.seconds
    assert burst >= 2 * shipped.limit


class _Web(BaseHTTPRequestHandler):
    """Says which process it is; /v1/slow is answered as a refusal that the site wants sent slowly,
    and /v1/silent not at all."""

    process = "web"

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/v1/silent":
            self.connection.recv(1)  # until nginx gives it up
            return
        body = self.process.ljust(300).encode()
        self.send_response(429 if self.path == "/v1/slow" else 200)
        self.send_header("Content-Length", str(len(body)))
        if self.path == "/v1/slow":
            self.send_header("X-Accel-Limit-Rate", "250")
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_PUT = do_PATCH = do_GET

    def log_message(self, *args: object) -> None:
        pass


class _Uploads(_Web):
    process = "uploads"


def _serve(handler: type[_Web], port: int = 0) -> ThreadingHTTPServer:
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server


def _end(server: ThreadingHTTPServer) -> None:
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def uploads_port() -> Iterator[int]:
    ports = Ports()
    yield ports.reserve()
    ports.close()


@pytest.fixture
def uploads(uploads_port: int) -> Iterator[None]:
    """The process for long bodies runs."""
    server = _serve(_Uploads, uploads_port)
    yield
    _end(server)


@pytest.fixture(scope="module")
def proxy(tmp_path_factory, uploads_port: int) -> Iterator[int]:
    """The port of nginx in front of `_Web`, with smaller bursts and less patience."""
    web = _serve(_Web)
    ports, folder = Ports(), tmp_path_factory.mktemp("nginx")
    port = ports.reserve()
    argv = front.command(folder, port=port, web=web.server_port, uploads=uploads_port)
    conf = folder / "nginx.conf"
    small = conf.read_text().replace("burst=2400", "burst=5").replace("rate=20r/s", "rate=1r/m")
    conf.write_text(small.replace("read_timeout 120s", "read_timeout 5s"))
    nginx = subprocess.Popen(argv)
    assert poll(lambda: _answers(port), timeout=30)
    yield port
    nginx.terminate()
    nginx.wait()
    _end(web)
    ports.close()


def _answers(port: int) -> bool:
    try:
        return _ask(port, "/healthz")[0] == 200
    except OSError:
        return False


def _ask(
    port: int, path: str, key: str = "", *, method: str = "GET", body: Body = None
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path, body, {"X-API-Key": key} if key else {})
    answer = connection.getresponse()
    try:
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def test_a_key_that_floods_is_refused_by_the_proxy_as_the_site_would_and_no_other(proxy) -> None:
    answers = [_ask(proxy, "/v1/me", "dv_live_sk_flood") for _ in range(9)]
    beside = [_ask(proxy, "/v1/me", "dv_live_sk_quiet")[0], _ask(proxy, "/v1/me")[0]]

    statuses = [status for status, _, _ in answers]
    assert statuses == [200] * 6 + [429] * 3
    assert beside == [200, 200]
    _, headers, body = answers[-1]
    site = error_body(RequestFactory().get("/v1/me"), ApiError("RATE_LIMIT_EXCEEDED", ""))
    said = json.loads(body)
    assert said.keys() == site.keys()
    assert said["error"].keys() == site["error"].keys()
    assert said["meta"].keys() == site["meta"].keys()
    assert said["error"]["code"] == "RATE_LIMIT_EXCEEDED"
    assert said["error"]["details"].keys() == {"retry_after", "limit", "window"}
    assert said["meta"]["request_id"] == headers["X-Request-Id"]
    assert re.fullmatch("req_[0-9a-f]{32}", headers["X-Request-Id"])
    assert headers["Retry-After"] == "1"
    assert headers["Content-Type"] == "application/json"
    assert {"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"} <= headers.keys()


def test_the_proxy_writes_neither_keys_nor_lines_about_a_flood(proxy, tmp_path_factory) -> None:
    folder = next(tmp_path_factory.getbasetemp().glob("nginx*"))
    for _ in range(9):
        _ask(proxy, "/v1/me", "dv_live_sk_secret")

    files = [each.read_text() for each in folder.rglob("*") if each.is_file()]

    assert files
    assert not any("dv_live_sk_secret" in text for text in files)
    lines = [line for text in files for line in text.splitlines() if "/v1/me" in line]
    assert not any("limiting" in line or " 429 " in line for line in lines)


def test_a_refusal_that_the_site_wants_sent_slowly_is_and_says_nothing_of_it(proxy) -> None:
    began = time.monotonic()
    status, headers, body = _ask(proxy, "/v1/slow")

    assert (status, len(body)) == (429, 300)
    assert time.monotonic() - began >= 1
    assert "X-Accel-Limit-Rate" not in headers


def _reader(port: int, path: str, method: str, body: Body) -> str:
    """The process that reads the body."""
    status, _, answer = _ask(port, path, method=method, body=body)
    assert status == 200
    return answer.decode().strip()


@pytest.mark.parametrize("path", ["/v1/messages/sms", "/password/x/", "/v1/people/33612345678"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_a_long_body_is_for_the_process_that_gives_way(proxy, uploads, path, method) -> None:
    assert _reader(proxy, path, method, b"x" * 99_999) == "web"
    assert _reader(proxy, path, method, b"") == "web"
    assert _reader(proxy, path, method, b"x" * 100_000) == "uploads"
    assert _reader(proxy, path, method, b"x" * 20_000_000) == "uploads"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_so_is_a_body_of_which_nobody_knows_how_long_it_is(proxy, uploads, method) -> None:
    assert _reader(proxy, "/v1/messages/sms", method, iter([b"x"])) == "uploads"


def test_what_has_no_body_is_for_the_web(proxy, uploads) -> None:
    assert _reader(proxy, "/v1/me", "GET", None) == "web"
    assert _reader(proxy, "/v1/me?content_length=100000%2F", "GET", None) == "web"


def test_the_web_takes_long_bodies_while_the_other_process_is_away(proxy) -> None:
    for _ in range(3):
        assert _reader(proxy, "/v1/messages/sms", "POST", b"x" * 600_000) == "web"


def test_it_has_them_again_as_soon_as_it_is_back(proxy, uploads_port: int) -> None:
    assert _reader(proxy, "/v1/messages/sms", "POST", b"x" * 600_000) == "web"
    server = _serve(_Uploads, uploads_port)
    try:
        assert _reader(proxy, "/v1/messages/sms", "POST", b"x" * 600_000) == "uploads"
    finally:
        _end(server)


def test_a_list_that_takes_too_long_is_not_read_by_the_web_too_and_the_next_one_neither(
    proxy, uploads
) -> None:
    status, _, _ = _ask(proxy, "/v1/silent", method="PUT", body=b"x" * 600_000)

    assert status == 504
    assert _reader(proxy, "/v1/messages/sms", "POST", b"x" * 600_000) == "uploads"
