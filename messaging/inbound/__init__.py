"""Inbound texts of phones: stored as they arrive, joined from their parts, decoded, and announced.

Also the list of messages of both directions.
"""
