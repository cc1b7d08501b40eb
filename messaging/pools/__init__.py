"""Sender pools: which sender a message gets; a preview says it beforehand.

`engine` decides (pure); `counters` counts turns in Redis; `sticky` keeps the sender of each
destination in the database. `messaging.routing.senders` combines them, to preview or to take.
"""
