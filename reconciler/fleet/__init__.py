"""Gateways as a fleet: drained, upgraded, evacuated, balanced (`docs/adr/0062`).

`modes` says what a gateway is to be; `relocation` moves its organisations, `door` closes it to what
is new; `draining`, `evacuation`, `upgrading` and `balancing` are what operators ask for.
"""
