"""An answer is an answer, whatever its status."""

from __future__ import annotations

import json
import socket

import pytest

from orbit.dev.demo.http import Unreachable, send


def test_a_refusal_is_an_answer_with_its_error(serve) -> None:
    refusal = {"error": {"code": "NOT_FOUND", "status": 404}}
    url = serve(lambda *_: (404, json.dumps(refusal).encode()))
    answer = send("GET", f"{url}/v1/nothing")
    assert (answer.status, answer.error["code"], answer.data) == (404, "NOT_FOUND", {})


def test_the_body_arrives_as_json_and_the_data_comes_back(serve) -> None:
    def echo(method: str, path: str, body: object) -> tuple[int, bytes]:
        return 201, json.dumps({"data": [method, path, body]}).encode()

    answer = send("POST", f"{serve(echo)}/v1/things?limit=1", {"name": "Łódź"})
    assert answer.data == ["POST", "/v1/things?limit=1", {"name": "Łódź"}]
    assert answer.seconds > 0


@pytest.mark.parametrize("body", [b"", b"<html>"])
def test_what_is_no_json_is_an_empty_object(serve, body: bytes) -> None:
    assert send("GET", serve(lambda *_: (200, body))).body == {}


def test_a_proxy_of_the_environment_is_not_used(serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert send("GET", serve(lambda *_: (204, b""))).status == 204


def test_nobody_there_is_said_with_the_address() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/healthz"
        with pytest.raises(Unreachable, match=f"GET {url}: .*refused"):
            send("GET", url)
