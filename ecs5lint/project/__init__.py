"""What is known of a project as a whole, whatever the formats of its files."""
