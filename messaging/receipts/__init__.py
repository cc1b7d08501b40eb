"""Delivery receipts: what gateways' logs and stock Jasmins say of messages, matched and applied.

`ingest` takes a page of a gateway's log (`log_records`). Answers become `parts`; `matching` finds
the part that a receipt is about, which `messaging.smpp.protocol.receipt` has read; `apply` moves
the message or test by all its parts (`multipart`).
A receipt that matches nothing is kept (`strays`). `jasmin_reports` takes those of stock Jasmins.
"""
