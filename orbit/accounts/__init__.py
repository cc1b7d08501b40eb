"""Organisations, their members, API keys, sessions, and the audit of what they do."""
