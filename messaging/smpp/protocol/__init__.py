"""SMPP 3.4 as this system speaks it: PDUs, receipts, texts, and the rules of a client's session.

Gateway, direct test, trial binds and the simulator share it. It needs nothing but Python, opens no
socket, knows no clock and no setting; the gateway's process, which has no Django, loads it too.
"""
