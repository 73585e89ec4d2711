"""What is known of a value, and when it holds."""
