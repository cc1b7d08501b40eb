"""The proxy's configuration, as nginx would read it."""

from __future__ import annotations

import re
from pathlib import Path

from orbit.api.middleware import SECRET_PREFIXES

CONF = Path(__file__).resolve().parents[2] / "deploy" / "nginx" / "orbit.conf"
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
