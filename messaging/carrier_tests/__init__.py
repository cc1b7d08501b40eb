"""Test sends: one message through one carrier, and its result step by step.

A POST creates a row (`services`) and queues a task (`enqueue`). The task claims the row (`run`) and
sends the message: by a bind of its own (`via_direct`), or through the gateway (`via_gateway`),
whose answers and receipts come to `gateway_results`. Rows only move forward (`transitions`);
`recovery` ends tests without a worker.
"""
