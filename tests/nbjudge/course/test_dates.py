"""Times as people and platforms write them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbjudge.course.dates import read_time

TEN = datetime(2026, 5, 10, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-10 10:00",
        "2026-05-10T08:00Z",
        "Sunday, 10 May 2026, 10:00 AM",
        "Sonntag, 10. Mai 2026, 10:00",
        "10. Mai 2026 um 10:00 Uhr",
    ],
)
def test_a_time_is_read(text: str) -> None:
    assert read_time(text, ZoneInfo("Europe/Berlin")) == TEN


@pytest.mark.parametrize(
    "text",
    [
        *("", "soon", "Monday", "10.05.2026", "9999-12-31 23:59", "2026-05-10 10:00 +2500"),
        "2026 999999999999991099999999999999h٣99",
        "1:99999999999999999999999999999.5 2026",
    ],
)
def test_what_is_no_time_is_none(text: str) -> None:
    assert read_time(text, None) is None


@given(st.text("0123456789 :.-+TZhapmMay٣", max_size=40))
def test_any_text_is_a_time_or_none(text: str) -> None:
    time = read_time(f"2026 {text}", None)
    assert time is None or time.tzinfo is UTC
