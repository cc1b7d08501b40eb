"""Campaigns: one text to many numbers, each filled with its recipient's own variables.

Recipients wait in a table of their own. While a campaign is sending, `feeding` turns them into
messages, in their order and at the campaign's pace; from there on a message is one like any other.
"""
