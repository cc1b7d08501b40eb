"""How the console writes times: with seconds, and in which zone (FORMAT_MODULE_PATH)."""
