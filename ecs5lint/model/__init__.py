"""Define the input and output of rules, which is the same for every source."""
