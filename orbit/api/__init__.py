"""The conventions of the API, once: envelope, errors, pages, idempotency, throttles."""
