"""The only package that speaks Jasmin's console (jcli), a telnet dialogue for people.

- `console`: one session over one socket; the only I/O here.
- `commands`: what to type and what success looks like, as values; every value is checked again.
- `groups`, `users`, `connectors`, `routes`: how each kind is listed, read and typed. Pure.
- `errors`: what callers see; never a socket's error, never a typed secret.

Nothing here decides what Jasmin should have; nothing here imports Django.
"""
