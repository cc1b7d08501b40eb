"""Texts of phones for organisations' own platforms, as deliver_sm on their binds.

The site keeps them, and hands over some at a time (`deliveries_resource`). `delivery_queue` sends
them and records what the platform answered. Nothing is kept here: what a process that ended had is
handed over again.
"""
