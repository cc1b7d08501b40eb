"""Texts of phones that opt out, opt in or ask for help; and those that only look so."""
