"""What a person reads of one submission."""
