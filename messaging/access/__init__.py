"""Access: the SMPP account by which an organisation's own platform binds to the gateway."""
