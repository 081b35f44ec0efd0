"""The picture of the house is that of today's code."""

from docs.draw import house


def test_the_house_is_drawn_as_it_is() -> None:
    assert house.PICTURE.read_text(encoding="utf-8") == house.picture(), "run `make pictures` and commit"
