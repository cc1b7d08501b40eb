from __future__ import annotations

import pytest

from orbit.bind_address import url_of


@pytest.mark.parametrize(
    ("bind", "url"),
    [
        ("127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("0.0.0.0:80", "http://127.0.0.1:80"),
        (":5000", "http://127.0.0.1:5000"),
        ("[::]:8000", "http://[::1]:8000"),
        ("sms.internal:8000", "http://sms.internal:8000"),
        ("unix:/run/orbit/web.sock", ""),
        ("127.0.0.1", ""),
        ("8000", ""),
        ("", ""),
    ],
)
def test_a_process_is_reached_where_it_listens(bind, url):
    assert url_of(bind) == url
