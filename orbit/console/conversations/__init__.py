"""Conversations: what one number and one organisation wrote to each other.

- `latest`: the list, those that wrote last first. `thread`: one conversation, in pages of both
  directions. `views`: the pages, and the button that shows the texts.
- A conversation is named by the id of any message in it: its address holds no number of a person.
"""
