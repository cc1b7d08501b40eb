"""Incidents: the list, and the page of one, made for a phone at night."""
