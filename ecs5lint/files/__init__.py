"""Which files there are, and what Git says of them."""
