"""SMPP: the protocol (`protocol/`, which the gateway's process shares), and what the site says to
carriers itself: which hosts it may reach, trial binds, test sends, a sandbox SMSC.

Nothing here carries a customer's message. Sockets are opened in `connect.py` only, and only to
addresses that `hosts.py` has checked.
"""
