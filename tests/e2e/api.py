"""A plain HTTP client of the API: no retries, no keep-alive, safe to use from many threads."""

from __future__ import annotations

import contextlib
import http.client
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.fixtures.http_answers import whole_body

CREDENTIALS = "/v1/messaging/smpp/credentials"


@dataclass(frozen=True)
class Answer:
    """`headers` as sent, in their spelling."""

    status: int
    headers: dict[str, str]
    body: bytes = field(repr=False)

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def data(self) -> Any:
        return self.json["data"]

    @property
    def error(self) -> dict[str, Any]:
        return self.json["error"]

    @property
    def code(self) -> str:
        return self.error["code"]


class Api:
    """One caller: `key` goes into X-API-Key, `token` into Authorization. `source`: from which of
    this machine's addresses; else it chooses."""

    def __init__(
        self, base_url: str, key: str = "", *, token: str = "", source: str | None = None
    ) -> None:
        self.base_url = base_url
        self._source = (source, 0) if source else None
        self._headers = {"X-API-Key": key} if key else {}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        params: dict[str, Any] | None = None,
        timeout: float = 30,
    ) -> Answer:
        """`body`: bytes as they are, anything else as JSON, None for no body and no type."""
        sent = self._headers | (headers or {})
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if body is not None:
            sent = {"Content-Type": "application/json"} | sent
        address = urlsplit(self.base_url)
        connection = http.client.HTTPConnection(
            address.hostname, address.port, timeout=timeout, source_address=self._source
        )
        with contextlib.closing(connection):
            query = f"?{urlencode(params)}" if params else ""
            connection.request(method, path + query, body, sent)
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), whole_body(answer))

    def get(self, path: str, **options: Any) -> Answer:
        return self.call("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> Answer:
        return self.call("POST", path, body, **options)

    def patch(self, path: str, body: Any, **options: Any) -> Answer:
        return self.call("PATCH", path, body, **options)

    def delete(self, path: str, **options: Any) -> Answer:
        return self.call("DELETE", path, **options)

    def add(self, **fields: Any) -> dict[str, Any]:
        """A new credential, as it was answered."""
        body = {"host": "127.0.0.1", "system_id": "acme", "password": "secret"} | fields
        answer = self.post(CREDENTIALS, body)
        assert answer.status == 201, answer.body
        return answer.data

    def read(self, credential_id: str) -> dict[str, Any]:
        answer = self.get(f"{CREDENTIALS}/{credential_id}")
        assert answer.status == 200, answer.body
        return answer.data

    def reveal(self, credential_id: str) -> Answer:
        return self.get(f"{CREDENTIALS}/{credential_id}/reveal")

    def rotate(self, credential_id: str, body: Any = None, **options: Any) -> Answer:
        return self.post(f"{CREDENTIALS}/{credential_id}/rotate", body, **options)
