"""Telling organisations what happens, by signed HTTP requests: webhooks.

`events.emit_many` is what others call. An event and its deliveries are rows of the caller's
transaction; a worker claims deliveries of one endpoint at a time (`delivering`), posts them over
one connection (`channel`) and writes what came of it (`claims`).
"""
