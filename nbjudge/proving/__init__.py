"""How good the tests of an exercise are: its solution is changed in many small ways, and each change is graded."""
