"""Requests to the site's application in this process: no sockets, no test client."""

from __future__ import annotations

import io
import json
from typing import Any

from orbit.wsgi import application


class Caller:
    """`get` and `post` return status and answer."""

    def __init__(self, key: str) -> None:
        self._key = key

    def get(self, path: str) -> tuple[int, Any]:
        return self._call("GET", path, b"")

    def post(self, path: str, body: Any) -> tuple[int, Any]:
        return self._call("POST", path, json.dumps(body).encode())

    def _call(self, method: str, path: str, content: bytes) -> tuple[int, Any]:
        said: list[str] = []
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": "",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "127.0.0.1",
            "HTTP_X_API_KEY": self._key,
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(content)),
            "wsgi.input": io.BytesIO(content),
            "wsgi.errors": io.StringIO(),
            "wsgi.url_scheme": "http",
            "wsgi.version": (1, 0),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }
        answer = application(environ, lambda status, headers, error=None: said.append(status))
        try:
            content = b"".join(answer)
        finally:
            answer.close()
        return int(said[0].split()[0]), json.loads(content or b"null")
