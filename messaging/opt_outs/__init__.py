"""Numbers that get no messages: who asked for that, and the gate that no message passes."""
