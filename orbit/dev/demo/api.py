"""The public API, as a customer's program calls it: one key, JSON, nothing behind its back."""

from __future__ import annotations

from typing import Any

from orbit.dev.demo.checks import Failed
from orbit.dev.demo.http import Answer, send

CREDENTIALS = "/messaging/smpp/credentials"


class Api:
    """`base_url` ends in /v1; paths are what follows."""

    def __init__(self, base_url: str, key: str) -> None:
        self.base_url, self._key = base_url, key

    def get(self, path: str) -> Answer:
        return self.send("GET", path)

    def send(self, method: str, path: str, body: object = None) -> Answer:
        return send(method, self.base_url + path, body, {"X-API-Key": self._key})

    def credential(self, credential_id: str) -> dict[str, Any]:
        """The credential as it is now. Raises Failed when it can't be read."""
        return self._read(f"{CREDENTIALS}/{credential_id}")

    def credentials(self) -> list[dict[str, Any]]:
        """The newest hundred."""
        return self._read(f"{CREDENTIALS}?limit=100")

    def _read(self, path: str) -> Any:
        answer = self.get(path)
        if answer.status != 200:
            raise Failed(f"GET {path}: {answer.status} {answer.error.get('code', '')}")
        return answer.data
