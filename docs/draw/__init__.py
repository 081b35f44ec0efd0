"""Draws the pictures of README and docs. `make pictures` draws all of them."""
