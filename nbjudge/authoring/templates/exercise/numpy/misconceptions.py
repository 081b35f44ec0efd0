"""What goes wrong in ex00."""

from nbjudge.judging.misconception import Misconception

CATALOGUE = [
    Misconception(
        "test_mse",
        "You added up the squared errors. Take their mean, or more samples would always look worse.",
        {"loss = np.mean((y_out - y_truth) ** 2)": "loss = np.sum((y_out - y_truth) ** 2)"},
    ),
    Misconception(
        "test_mse_gradient",
        "Your derivatives have half of the right size: the derivative of a square brings its exponent down.",
        {"gradient = 2 * (y_out - y_truth) / len(y_out)": "gradient = (y_out - y_truth) / len(y_out)"},
    ),
]
