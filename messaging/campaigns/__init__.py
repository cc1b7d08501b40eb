"""Campaigns: one text to many numbers, rendered with the variables of each recipient.

Recipients are rows of their own. While a campaign is sending, `sending` makes their messages, in
their order and at the campaign's pace; from there on each is a message like any other.
"""
