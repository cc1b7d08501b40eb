"""Messages: SMS out through the organisation's own carriers, each handed over at most once."""
