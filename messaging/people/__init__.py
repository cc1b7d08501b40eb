"""Erasure of everything that an organisation has about the person behind a number."""
