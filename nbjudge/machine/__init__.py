"""What this machine can do of a course: facts, what they mean, and all of it together, for `course doctor`.

Each topic is a module of two functions. ``look`` finds out facts, in a process of its own that is given a limited time:
what it touches may be broken, or never answer. ``judged`` is pure, and says what the facts mean.
"""
