"""Opt-outs: the list over all organisations and the page of one entry (`admin`), and the page of an
organisation's list (`views`): add, import with a look at what a file would do, export."""
