"""Carriers: a credential with routing metadata: countries, quality, fallback order, price."""
