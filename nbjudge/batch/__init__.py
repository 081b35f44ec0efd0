"""A whole class: many submissions at once, on one machine or on many, and again where it was left."""
