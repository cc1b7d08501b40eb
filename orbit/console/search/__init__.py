"""The search box of every page: ids, numbers, names, hosts, and message ids of carriers.

`ids` says which page an id of ours leads to, `terms` what else a term can be, `kinds` looks for it
in each noun by an index, and `views` shows what was found.
"""
