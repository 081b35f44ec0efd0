"""What runs inside the sandbox. It imports nothing of ``nbjudge``: only this folder of it is visible there."""
