"""What waits for a person: texts of phones that no machine could settle.

`lists` finds them among the newest texts; who has seen to one says so, and it is not listed again
(`models`). `views`: the page and its button.
"""
