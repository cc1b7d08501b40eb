"""Parts of `test_two_way`: texts of phones, STOP, imports of opt-outs, what the gate costs."""
