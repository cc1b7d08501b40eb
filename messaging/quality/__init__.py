"""What carriers really deliver, by country and kind of sender; and their places by that."""
