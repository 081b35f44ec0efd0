"""The set-up of this course. nbgrader, formgrader and the command `course` read it when they are run in this folder.

Any option of nbgrader's can be set here, too: `nbgrader autograde --help-all` lists those of a command.
"""

import nbjudge

c = get_config()  # noqa: F821  (defined by traitlets, which runs this file)

# All that the grader needs of nbgrader: sandbox, judge, feedback pages, safe collecting. What you set below it wins.
nbjudge.configure(c)

c.CourseDirectory.course_id = "simple_classifier"

# What takes the place of a solution. The comment above each region says what to do there.
c.ClearSolutions.code_stub = {
    "python": 'raise NotImplementedError("replace this line by your code")',
}

# What `course bundle` packs for students, beside the release.
c.Bundle.packages = ["exercise_code"]  # what the notebook imports
c.Bundle.data = [".csv"]  # what lies in there beside modules
c.Bundle.environment = "simple-classifier"  # the name of their conda environment
c.Bundle.requirements = "requirements-students.txt"  # what they install; `make lock` writes it
c.Bundle.guide = "docs/working.md"  # the second half of their README; the first half says how to start
c.Bundle.files = ["LICENSE", "LICENSE-TEXT"]  # further files, as they are
# nbval would compare every byte of a picture with a slider, and these depend on the machine.
c.Bundle.tags = ["nbval-ignore-output"]
