"""Draws what an operator looks at, and asks about it. Python and NumPy only."""
