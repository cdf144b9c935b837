"""Bugs planted on purpose, each in one place of the product, to show that the simulator's checkers find it."""
