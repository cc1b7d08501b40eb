"""Dispatch: the way of a message to its gateway. claim -> submit -> outcome, then recovery.

`queue` finds the messages that wait, `claim` takes a batch of them under a lease with carrier,
sender and price, `inflight` bounds the messages that a bind may have in the gateway, `submit` hands
the batch over, and `outcome` records the gateway's answers. `run` repeats that; `enqueue` queues
its task. `retry` decides what follows a carrier's refusal. `recovery` hands messages of dead
workers over again, and ends overdue ones; `backlog` says how long messages wait.
"""
