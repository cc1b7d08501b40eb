"""Inbound texts: messages from phones, kept as their PDUs came."""
