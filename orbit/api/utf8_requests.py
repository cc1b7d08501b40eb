"""Requests whose text is UTF-8, whatever charset their Content-Type names.

Django reads query strings and forms in that charset, and a client can name any that Python knows:
`hex` decodes no text, `undefined` always fails, `unicode_escape` makes NUL and halves of surrogate
pairs of harmless octets.
"""

from __future__ import annotations

from typing import Any

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.utils.http import parse_header_parameters


class Utf8Request(WSGIRequest):
    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        """Ignore unreadable parameters: Django raises for them, and the client would get no
        answer."""
        given = meta.get("CONTENT_TYPE", "")
        try:
            self.content_type, self.content_params = parse_header_parameters(given)
        except ValueError:
            meta["CONTENT_TYPE"] = given.partition(";")[0]
            self.content_type, self.content_params = meta["CONTENT_TYPE"].strip().lower(), {}


class Utf8Application(WSGIHandler):
    request_class = Utf8Request
