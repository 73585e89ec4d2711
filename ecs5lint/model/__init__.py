"""What a rule sees and says, whichever source it comes from."""
