"""Read texts, and convert them to values."""
