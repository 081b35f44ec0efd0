"""What runs inside the sandbox. It imports nothing of ``grading``: only this folder of it is visible there."""
