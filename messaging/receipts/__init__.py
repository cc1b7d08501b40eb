"""Delivery receipts: read from gateways' logs or reported by stock Jasmins, matched and applied.

`ingest` takes a page of a gateway's log (`log_records`). Answers become `parts`; `matching` finds
the part that a receipt (read by `messaging.smpp.protocol.receipt`) is about; `apply` then moves the
message or test, by all of its parts (`multipart`). A receipt without a match is kept (`strays`).
`jasmin_reports` takes the reports of stock Jasmins.
"""
