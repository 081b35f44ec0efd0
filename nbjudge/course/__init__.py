"""Where everything lies: the course in its folder, and its notebooks."""
