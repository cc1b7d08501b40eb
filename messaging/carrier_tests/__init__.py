"""Test sends: one message through one carrier, and what became of it step by step.

A POST makes a row (`services`) and queues a task (`queue`); the task claims the row (`runner`) and
sends, by a bind of its own (`direct`) or through the gateway (`pinned`, whose receipts come in by
`receipts`). Rows only move forward (`moves`); those that nobody works on any more are ended by
`sweeping`.
"""
