"""SMPP 3.4 as this system speaks it: PDUs, receipts, texts, and the rules of a client's session.

The gateway, carrier tests, trial binds and the simulator share it. It needs nothing but Python, and
uses no socket, clock or setting: the gateway's process, which has no Django, imports it too.
"""
