"""Opt-outs: numbers that want no messages, how they got on the list, and the gate that enforces
it."""
