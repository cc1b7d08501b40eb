"""Carriers: a credential with where it may be used, how good it is and what it costs."""
