"""What an organisation has about the person behind a number, and its erasure."""
