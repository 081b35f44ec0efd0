"""`python -m grading` is the command `course`."""

from nbjudge.cli import main

main()
