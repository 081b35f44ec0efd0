"""What keeps students from getting something."""

from nbjudge.course.errors import CourseError


class ReleaseError(CourseError):
    """Nothing was published. ``reasons`` has a sentence for each thing to mend."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons
