"""Organisations, their members, API keys, sessions, and the audit of what they do.

A package for each noun: models, services (writes), selectors, views. `authentication` makes a
`Caller` of a request's headers; `scopes` has the rights of roles and keys.
"""
