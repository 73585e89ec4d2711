"""Find the templates of nested stacks, and evaluate them."""
