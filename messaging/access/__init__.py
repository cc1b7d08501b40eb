"""Access: the one bind through which an organisation's own platform reaches all its carriers."""
