"""What this system says to carriers itself: which hosts it may reach, trial binds, a sandbox SMSC.

Traffic is Jasmin's business; nothing here carries a customer's message. Sockets are opened in
`connect.py` only, and only to addresses that `hosts.py` has checked.
"""
