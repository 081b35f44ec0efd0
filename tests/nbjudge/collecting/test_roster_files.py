"""What students write into their names and profiles changes nobody else's line of a platform's list."""

from pathlib import Path

import pytest

from nbjudge.collecting.roster_files import RosterError, read_roster

HEADINGS = ["Identifier", "Full name", "ID number", "Email address", "Status", "Grade", "Last modified (submission)"]
IN_FRENCH = ["Identifiant", "Nom complet", "Adresse de courriel", "Statut", "Note"]
HANDED_IN = ["Submitted for grading", "", "Friday, 8 May 2026, 3:00 PM"]
BEN = ["Participant 101", "Ben Okoro", "777", "ben@x.example", *HANDED_IN]
CEM = ["Participant 103", "Cem Z", "779", "cem@x.example", *HANDED_IN]


def by_php(cells: list[str]) -> str:
    """A line as PHP's fputcsv writes it: a quote behind a backslash isn't doubled."""
    written = []
    for cell in cells:
        text, is_behind = "", False
        for letter in cell:
            text += '""' if letter == '"' and not is_behind else letter
            is_behind = letter == "\\" or (is_behind and letter != '"')
        written.append(f'"{text}"' if set(cell) & set(',"\\\n\r\t ') else cell)
    return ",".join(written) + "\n"


def read(folder: Path, *lines: list[str]) -> tuple[dict[str, str], list[str]]:
    """The ids of a list, by number, and what is said of it."""
    path = folder / "list.csv"
    path.write_text("".join(map(by_php, lines)), encoding="utf-8")
    roster = read_roster(path)
    return {row.number: row.student for row in roster.rows}, list(roster.remarks)


OF_BEN = "Participant 101,Ben Okoro,777,eve@x.example,s,,-"
NAMES = [
    'Eve\\" x,ben@x.example,eve@x.example,"',
    'Eve\\" x,777,e@x.example,"',
    'Eve\\\\\\" x,777,e@x.example,"',
    'Eve"\\" x,777,e@x.example,"',
    'Eve\\" x',
    'Eve\\"',
    "Eve\\",
    f'Eve\\" x\n{OF_BEN}\n"',
    f'Eve\\",1,e@x.example,s,,-\n{OF_BEN}\nParticipant 102,"x',
    f'Eve\\",1,e@x.example,s,,-\r{OF_BEN}\r\\',
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_costs_its_own_line_and_changes_no_other(tmp_path: Path, name: str) -> None:
    eve = ["Participant 102", name, "778", "eve@x.example", *HANDED_IN]
    ids, said = read(tmp_path, HEADINGS, BEN, eve, CEM)
    assert ids == {"101": "777", "103": "779"}
    assert said
    assert all("is left out: line" in remark for remark in said)


def test_an_id_that_two_lines_have_costs_these_lines(tmp_path: Path) -> None:
    ids, said = read(tmp_path, HEADINGS, BEN, ["Participant 102", "Eve", *BEN[2:]], CEM)
    assert ids == {"103": "779"}
    assert said == [
        f"Of the roster, this is left out: line {line} has the student_id 777, as another one has." for line in (2, 3)
    ]


def french(number: int, name: str, *cells: str) -> list[str]:
    return [f"Participant {number}", name, *cells, "Remis pour évaluation", ""]


@pytest.mark.parametrize(
    ("name", "town"), [('Eve\\",x', ""), ('Eve\\"x,"', ""), ("Eve", "a@b"), ("Eve", "eve@x.example")]
)
def test_one_line_of_a_list_in_any_language_takes_no_addresses_from_the_others(
    tmp_path: Path, name: str, town: str
) -> None:
    others = [french(n, f"Ben {n}", f"ben{n}@x.example", "") for n in range(4)]
    headings = [*IN_FRENCH[:3], "Ville", *IN_FRENCH[3:]]
    ids, _ = read(tmp_path, headings, *others, french(9, name, "eve@x.example", town))
    assert {number: ids[number] for number in "0123"} == {str(n): f"ben{n}@x.example" for n in range(4)}
    assert ids.get("9", "eve@x.example") == "eve@x.example"


def test_addresses_are_not_dropped_without_a_word(tmp_path: Path) -> None:
    few = [french(n, f"Ben {n}", "ben@x.example" if n == 0 else "") for n in range(4)]
    _, said = read(tmp_path, IN_FRENCH, *few)
    assert "No column of the roster holds an address in most lines" in said[0]
    both = [french(n, f"Ben {n}", f"{n}@x.example", f"{n}@y.example") for n in range(4)]
    with pytest.raises(RosterError, match=r"columns 3 and 4 of the roster .* both hold addresses"):
        read(tmp_path, [*IN_FRENCH[:3], "Autre", *IN_FRENCH[3:]], *both)


def test_an_id_that_is_too_long_for_a_folder_costs_nobody_else(tmp_path: Path) -> None:
    """A letter of a hundred may take four bytes; an address that can't be an id is passed over."""
    long = "\u674e" * 86
    lines = f"Participant 1,Ada,,{long}@x,\nParticipant 2,Ben,{long},,\nParticipant 3,Cem,cem,,\n"
    (tmp_path / "r.csv").write_text(f"Identifier,Full name,ID number,Email address,Status\n{lines}")
    roster = read_roster(tmp_path / "r.csv")
    assert [row.student for row in roster.rows] == ["ada-1", "cem"]
    assert "line 3" in roster.remarks[0]
    (tmp_path / "own.csv").write_text(f"student_id\n{long}\n")
    with pytest.raises(RosterError, match="255 bytes"):
        read_roster(tmp_path / "own.csv")
