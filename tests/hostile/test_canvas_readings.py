"""Names that Canvas gives to files, of students whose own names end in another's number, or begin with another's id."""

from pathlib import Path

import pytest

from nbjudge.course.lms_names import read_names
from tests.support.downloads import NAME, NEXT_DAY, Course, notebook, zipped


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    course = Course(tmp_path / "course")
    monkeypatch.chdir(course.root)
    return course


ADA, BEN_OX = "kingada_5111_901001_{}", ("oxben_5222_901002_" + NAME, notebook("ben"))
EVE = f"kingada_5111_5333_905001_{NAME}"
"""Of number 5333, who calls herself ``kingada_5111``: Canvas leaves a number at the end of a name as it is."""
CANVAS_LIST = (
    "Student,ID,SIS User ID,SIS Login ID,Section\n    Points Possible,,,,\n"
    '"King, Ada",5111,ada,ada,S\n"Ox, Ben",5222,ben,ben,S\n{},{},eve,eve,S\n'
)
ROSTERS = {
    "none": "",
    "with her name": CANVAS_LIST.format("kingada_5111", 5333),
    "with another name": CANVAS_LIST.format('"Ill, Eve"', 5333),
    "without her": CANVAS_LIST.format('"Ill, Eve"', 5444),
    "without numbers": "student_id,name\nada,Ada King\nben,Ben Ox\neve,Eve Ill\n",
    "without names": "student_id,lms_id\nada,5111\nben,5222\neve,5333\n",
}


@pytest.mark.parametrize("roster", ROSTERS)
@pytest.mark.parametrize("adas", ["", NAME, "homework.ipynb", "late"])
def test_a_name_that_ends_in_anothers_number_is_not_theirs(course: Course, roster: str, adas: str) -> None:
    name = ADA.format(NAME).replace("5111_", "LATE_5111_") if adas == "late" else ADA.format(adas)
    honest = [(name, notebook("ada"))] if adas else []
    path = course.download("class.zip", zipped(*honest, BEN_OX, (EVE, notebook("eve"), NEXT_DAY)))
    words = ["--roster", course.download("students.csv", ROSTERS[roster].encode())] if ROSTERS[roster] else []
    is_known = roster == "with her name"
    lines = course.collect(path, *words, code=0 if is_known else 1)
    ada, ben = ("ada", "ben") if words else ("kingada-5111", "oxben-5222")
    own = {ben: "ben", **({ada: "ada"} if adas else {}), **({"eve": "eve"} if is_known else {})}
    assert course.submitted() == own
    assert not course.earlier(ada)
    (about,) = (line for line in lines if EVE in line["file"])
    if not is_known:
        assert (about["student"], about["status"]) == ("", "not taken")
        assert about["said"].startswith("it is of number 5111, or of number 5333 if a student has that one and a name")
    if words and not adas:
        assert [line["status"] for line in lines if line["student"] == "ada"] == ["missing"]
    kept = read_names(course.root / "collected/ex04.json")
    assert "eve" not in kept.known
    assert not kept.remark


def test_a_late_file_under_such_a_name_is_its_own(course: Course) -> None:
    path = course.download("class.zip", zipped(BEN_OX, (EVE.replace("_5333", "_LATE_5333"), notebook("eve"))))
    roster = course.download("students.csv", ROSTERS["with her name"].encode())
    lines = course.collect(path, "--roster", roster)
    assert course.submitted() == {"ben": "ben", "eve": "eve"}
    assert [line["late"] for line in lines if line["student"] == "eve"] == [True]


@pytest.mark.parametrize("words", [True, False], ids=["with", "without"])
@pytest.mark.parametrize(
    "file", ["2024_05_10_ex.ipynb", "37001234_ex.ipynb", "905_900_ex.ipynb", f"99_98_{NAME}", NAME]
)
def test_who_begins_the_name_of_a_file_with_a_number_is_no_other(course: Course, file: str, words: bool) -> None:
    """A date, or a number of the university's: the numbers of Canvas's say that it is none of them."""
    path = course.download("class.zip", zipped((ADA.format(file), notebook("ada")), BEN_OX))
    roster = ["--roster", course.download("students.csv", ROSTERS["with her name"].encode())] if words else []
    course.collect(path, *roster)
    assert course.submitted() == (
        {"ada": "ada", "ben": "ben"} if words else {"kingada-5111": "ada", "oxben-5222": "ben"}
    )


def test_a_name_that_begins_with_anothers_id_is_not_theirs(course: Course) -> None:
    """Between underscores, where Canvas writes its numbers behind it."""
    roster = course.download("students.csv", ROSTERS["without her"].encode())
    for name in ("ada_x_5333_905001_", "ada_5111_LATE_5333_905001_", "ada_x_5111_5333_905001_"):
        lines = course.collect(
            course.download("class.zip", zipped((name + NAME, notebook("eve")), BEN_OX)), "--roster", roster, code=1
        )
        assert course.submitted() == {"ben": "ben"}
        assert [line["status"] for line in lines if line["student"] == "ada"] == ["missing"]
    known = course.download("students.csv", CANVAS_LIST.format("ada_x", 5333).encode())
    course.collect(
        course.download("class.zip", zipped((f"ada_x_5333_905001_{NAME}", notebook("eve")))), "--roster", known
    )
    assert course.submitted() == {"ben": "ben", "eve": "eve"}


def test_what_may_be_anothers_uses_up_nothing_of_theirs(course: Course) -> None:
    many_files = zipped(*((f"{number}.txt", b"") for number in range(1_990)))
    entries = [(EVE.replace(NAME, "hw.zip"), many_files), (ADA.format("hw.zip"), zipped((NAME, notebook("ada"))))]
    more = [(ADA.format(f"{number}.txt"), b"") for number in range(20)]
    course.collect(course.download("class.zip", zipped(*more, *entries, BEN_OX)))
    assert course.submitted() == {"kingada-5111": "ada", "oxben-5222": "ben"}


IN_IT = {
    "two numbers": "kingada_5111_900001",
    "another one between": "kingada_5111_77_x",
    "words behind them": "kingada_5111_901001_x",
    "three": "kingada_5111_900001_5222_901009",
}
"""What Canvas makes of names with blanks behind underscores, such as ``kingada_ 5111_ 900001``: the numbers stay."""


@pytest.mark.parametrize("name", IN_IT)
@pytest.mark.parametrize("words", [True, False], ids=["with", "without"])
@pytest.mark.parametrize("adas", [False, True], ids=["alone", "beside"])
def test_nor_is_a_name_with_numbers_in_it(course: Course, name: str, words: bool, adas: bool) -> None:
    file = f"{IN_IT[name]}_5333_905001_{NAME}"
    honest = [(ADA.format("homework.ipynb"), notebook("ada"))] if adas else []
    path = course.download("class.zip", zipped(*honest, BEN_OX, (file, notebook("eve"), NEXT_DAY)))
    listed = CANVAS_LIST.format(f'"{IN_IT[name].replace("_", "_ ")}"', 5333)
    course.collect(path, *(["--roster", course.download("students.csv", listed.encode())] if words else []), code=None)
    submitted, ada = course.submitted(), "ada" if words else "kingada-5111"
    assert submitted.pop(ada, None) == ("ada" if adas else None)
    assert submitted.pop("eve", "eve") == "eve"
    assert set(submitted.values()) <= {"ben", "eve"}
    if words:
        assert course.submitted()["eve"] == "eve"


@pytest.mark.parametrize("words", [True, False], ids=["with", "without"])
def test_a_typed_text_under_such_a_name_is_not_said_to_be_anothers(course: Course, words: bool) -> None:
    file = "kingada_5111_5333_text.html"
    path = course.download("class.zip", zipped(BEN_OX, (file, b"typed")))
    roster = course.download("students.csv", ROSTERS["with her name"].encode())
    lines = course.collect(path, *(["--roster", roster] if words else []), code=None)
    (about,) = (line for line in lines if file in line["file"])
    assert about["student"] == ("eve" if words else "")
