"""Delivery reports (Jasmin's DLR) of messages that came by SMPP or by plain `/send`.

`lookup` matches the carrier's receipts to messages, `content` writes the report, `retry_queue`
keeps it until the receiver has it, `thrower` hands it over. `event_file` makes both outlive a kill.
"""
