"""Takes all that is kept of a person out of a course, and shows that nothing is left."""
