"""What goes wrong in ex00."""

from nbjudge.judging.misconception import Misconception

CATALOGUE = [
    Misconception(
        "test_value",
        "You doubled x where it is squared. Compare x = 3: its square is 9.",
        {"result = self.a * x**2 + self.b * x + self.c": "result = self.a * x * 2 + self.b * x + self.c"},
    ),
    Misconception(
        "test_slope",
        "The last coefficient is in your slope. A constant doesn't change, so its slope is 0.",
        {"result = 2 * self.a * x + self.b": "result = 2 * self.a * x + self.b + self.c"},
    ),
    Misconception(
        "test_step",
        "You went away from the zero: where value and slope are positive, it lies to the left.",
        {"result = x - self.value(x) / self.slope(x)": "result = x + self.value(x) / self.slope(x)"},
    ),
]
