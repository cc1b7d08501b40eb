"""What developing and trying out take: servers, the demo, a simulated SMSC."""
