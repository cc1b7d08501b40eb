"""The organisation's own numbers: where texts to them go, and how they are answered."""
