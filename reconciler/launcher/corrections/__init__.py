"""Corrections of single faults of Jasmin. Each module names the fault, its place and the cure.

`correct()` is called before jasmind is loaded (`run.py`).
"""
