"""What the notebooks of this course import: data, plots, base classes. Students get it beside the notebook.

Put a module here, such as ``plots.py``; in a notebook, ``from exercise_code import plots`` finds it. It holds no
solution and no hidden test: `course release` looks for their lines in here, too.
"""
