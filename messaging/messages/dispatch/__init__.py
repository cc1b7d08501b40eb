"""The way of a message to its gateway: claim -> submit -> outcome, and recovery behind them.

`queue` says which messages wait, `claim` takes a batch of them under a lease with carrier, sender
and price, `inflight` bounds what a bind may have in the gateway, `submit` hands the batch over and
`outcome` writes down what was answered. `run` goes round; `enqueue` has a worker do it. `recovery`
hands over again what a dead worker had claimed, and ends what is overdue.
"""
