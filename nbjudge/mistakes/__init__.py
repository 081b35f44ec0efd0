"""What a class got wrong that nobody foresaw: from kept evidence to new entries of the catalogue."""
