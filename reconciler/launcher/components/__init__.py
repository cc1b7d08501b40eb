"""What stands in the place of jasmind's own components: subclasses that use the lane."""
