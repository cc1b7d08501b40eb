"""Parsers of request bodies that refuse what is ambiguous."""
