"""Texts of phones: kept as they come, joined, decoded, and told. And messages of both directions as
one list."""
