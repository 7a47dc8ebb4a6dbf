"""Short clips in which something happens, and questions about them."""
