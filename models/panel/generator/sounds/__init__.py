"""Sounds of two seconds that an operator may hear, and questions about them."""
