"""Compares what submissions give with what the instructor's solution gives."""
