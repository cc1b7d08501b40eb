"""Live traces: what a credential and its carrier say to each other, for some minutes.

A web request opens a trace and asks a worker to go on with it, `following` has the gateway start it
and reads what it has, and the page shows what the `store` has by then.
"""
