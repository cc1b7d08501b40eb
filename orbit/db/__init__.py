"""Additions to Django's database layer: fields, queries, connections, migration operations."""
