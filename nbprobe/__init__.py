"""What a student's kernel needs of the engine: probes, comparison, tables of findings.

To read on the way of an array from a student's function to a table: ``probe`` calls the function, ``wire`` makes plain
data of what it returned, ``evidence`` reads that with suspicion, ``judge`` compares it with what the solution returned
and gives a verdict, with ``compare``, ``reasons`` and ``texts`` for what differs, and ``table`` draws the verdict.
``check`` does the same for visible tests, within the student's kernel. ``standin``, ``outcomes``, ``rules``,
``gradient_check``, ``ready``, ``errors`` and ``palette`` are what exercises are written with.

This package imports the standard library, numpy and IPython, and nothing when it is imported itself.
"""

__version__ = "1.1"
