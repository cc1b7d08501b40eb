"""Sender pools: which sender a message takes, said before it is taken.

`engine` decides, purely; `turns` counts in Redis whose turn it is, `sticky` remembers in the
database who wrote to whom; `messaging.routing.senders` brings them together, to look or to take.
"""
