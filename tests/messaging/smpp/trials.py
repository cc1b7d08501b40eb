"""Trial binds as the tests make them."""

from __future__ import annotations

from messaging.smpp.trial_bind import Trial, trial_bind

SECRET = "s3cr3tpw"


def attempt(port: int, **changes) -> Trial:
    """As `acme`, at a carrier on loopback."""
    wanted = {
        "address": "127.0.0.1",
        "host": "smpp.carrier.example",
        "port": port,
        "system_id": "acme",
        "password": SECRET,
        "timeout": 10.0,
    }
    return trial_bind(**(wanted | changes))
