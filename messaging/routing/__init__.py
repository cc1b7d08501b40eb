"""Routing: which carrier takes a message and which sender it gets, with the reasons.

- `selection` decides (pure), with the order of carriers of `messaging.carriers.ranking`.
- `loader` reads an organisation's carriers and pools.
- `router.Router` combines both: `choose` for the dispatch, `check` for POST.
- `senders` takes the turns of pools, or previews them, for many messages at once.
- `previews` says what the next messages of a pool would get.
"""
