"""Outgoing connections, shared by SMPP and webhooks.

The way to a server: `hostnames` (spelling) -> `resolution` (DNS, checked by `host_policy`) ->
`tcp` -> `tls`. Connect only to addresses that `resolution.checked_addresses` returns.
"""
