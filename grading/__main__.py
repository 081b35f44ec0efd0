"""`python -m grading` is the command `course`."""

from grading.cli import main

main()
