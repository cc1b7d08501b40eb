"""How a test is answered."""

from __future__ import annotations

from messaging.carrier_tests.models import CarrierTest
from orbit.api.envelope import timestamp


def represent(test: CarrierTest) -> dict:
    """One test as the API answers it, also while it runs."""
    return {
        "id": test.id,
        "carrier_id": test.carrier_id,
        "credential_id": test.credential_id,
        "via": test.via,
        "force": test.force,
        "to": test.to,
        "from": test.sender,
        "body": test.body,
        "status": test.status,
        "steps": test.steps,
        "error": _error(test),
        "smpp_status": test.smpp_status,
        "message_id": test.message_id or None,
        "encoding": test.encoding,
        "segments": test.segments,
        "pdus": test.pdus,
        "tls_verified": test.tls_verified,
        "created_at": timestamp(test.created_at),
        "started_at": timestamp(test.started_at),
        "finished_at": timestamp(test.finished_at),
    }


def _error(test: CarrierTest) -> dict | None:
    if not test.cause:
        return None
    return {"cause": test.cause, "message": test.error, "hint": test.hint}
