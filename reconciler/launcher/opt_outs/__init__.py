"""Numbers that have opted out: what platforms submit to them is refused.

The site keeps the lists equal to its own (`resource`). `lists` answers whether a submit_sm is
refused, `list_files` keeps the lists over a restart: they are there before the first bind is.
"""
