"""The API's framework: base view, envelope, errors, pagination, idempotency, rate limits.

It knows no noun, and no accounts: `orbit.accounts.authentication` gives it callers.
"""
