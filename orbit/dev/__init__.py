"""Tools for development: private servers (`stack`), the demo (`demo`), a simulated SMSC.

A Django app for one reason: `manage.py smsc_simulator` is its command. No other package of the
product imports it.
"""
