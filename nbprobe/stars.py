"""What `from … import *` brings along, of the modules that students of numbers import so."""

import math

import numpy as np

STARS = {"numpy": frozenset(np.__all__), "math": frozenset(dir(math))}
"""Names, by the module."""
