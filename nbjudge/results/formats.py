"""Numbers as people read them."""


def number(value: float, digits: int = 2) -> str:
    return f"{value:.{digits}f}".rstrip("0").rstrip(".") if digits else f"{value:.0f}"


def percent(share: float) -> str:
    """A share from 0 to 1. What isn't all is never shown as 100 %, and what is something never as 0 %."""
    if 0 < share < 0.005:
        return "< 1 %"
    if 0.995 <= share < 1:
        return "> 99 %"
    return f"{share:.0%}".replace("%", " %")


def signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−").replace("+", "")


def duration(seconds: float) -> str:
    """For people: 2 d 3 h, 3 h 5 min, 12 min."""
    minutes = max(1, round(seconds / 60))
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
