"""Quality: what carriers deliver, by country and kind of sender, and the demotions that follow from
it."""
