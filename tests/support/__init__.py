"""What several test files need."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "source/ex04/1_simple_classifier.ipynb"
RELEASE = ROOT / "release/ex04/1_simple_classifier.ipynb"
"""The students' version."""
