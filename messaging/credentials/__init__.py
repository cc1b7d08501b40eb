"""SMPP credentials: what an organisation got from its carrier, and what it wants of the bind."""
