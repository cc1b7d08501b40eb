"""Usage: what an organisation has sent, counted as its messages move, by hour, carrier, country,
kind of sender and status."""
