"""Nothing that lies there is overwritten, and no link is written through."""

from tests.support.downloads import NAME, NEXT_DAY, Course, moodle, notebook, status, zipped


def test_what_lies_there_is_never_overwritten(course: Course) -> None:
    by_hand = course.root / "submitted/amira/ex04"
    by_hand.mkdir(parents=True)
    (by_hand / NAME).write_bytes(notebook("by hand"))
    (by_hand / "notes.txt").write_text("precious")
    course.download("plain/amira/" + NAME, notebook("new"))
    lines = course.collect(course.root.parent / "downloads/plain")
    assert [line["status"] for line in lines] == ["replaced"]
    assert course.submitted() == {"amira": "new"}
    assert course.earlier("amira") == {"by hand"}
    assert [path.read_text() for path in course.root.glob("earlier/amira/ex04/*/notes.txt")] == ["precious"]
    course.download("old/amira/" + NAME, notebook("by hand"))
    assert [line["status"] for line in course.collect(course.root.parent / "downloads/old")] == ["earlier"]
    assert course.submitted() == {"amira": "new"}


def test_a_linked_time_is_not_written_through(course: Course) -> None:
    mine = course.download("mine.txt", b"precious")
    course.collect(course.download("alone.zip", zipped((moodle("A", 1), notebook("x")))))
    (course.root / "submitted/a-1/ex04/timestamp.txt").symlink_to(mine)
    ben = (moodle("Ben", 2), notebook("ben"), NEXT_DAY)
    course.collect(course.download("all.zip", zipped((moodle("A", 1), notebook("x")), ben)))
    assert mine.read_bytes() == b"precious"
    assert (course.root / "submitted/a-1/ex04/timestamp.txt").read_text() == "2026-05-10 12:00:00.000000 UTC"


def test_a_linked_student_folder_is_not_written_through(course: Course) -> None:
    (course.root.parent / "elsewhere").mkdir()
    (course.root / "submitted").mkdir()
    (course.root / "submitted/a-1").symlink_to(course.root.parent / "elsewhere")
    path = course.download("a.zip", zipped((moodle("A", 1), notebook("x"))))
    assert status(course.collect(path, code=1), "a.zip") == ("not taken", "submitted/a-1 is a link; remove it")
    assert not list((course.root.parent / "elsewhere").iterdir())
