"""The conventions of the API, once: envelope, errors, request ids, pages, idempotency, throttles."""
