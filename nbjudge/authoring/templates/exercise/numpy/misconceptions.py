"""What goes wrong in ex00."""

from nbjudge.judging.misconception import Equivalent, Misconception

CATALOGUE = [
    Misconception(
        "test_mse",
        "You added up the squared errors. Take their mean, or more samples would always look worse.",
        {"loss = np.mean((y_out - y_truth) ** 2)": "loss = np.sum((y_out - y_truth) ** 2)"},
    ),
    Misconception(
        "test_mse_gradient",
        "Your derivatives have half of the right size: the derivative of a square brings its exponent down.",
        {"gradient = 2 * (y_out - y_truth) / y_out.size": "gradient = (y_out - y_truth) / y_out.size"},
    ),
]

# What `course prove` finds and no probe can notice, with the reason.
EQUIVALENT = [
    Equivalent(
        "a mean doesn't depend on the order of the numbers",
        ["mean_squared_error"],
        ["loss = np.mean(((y_out - y_truth) ** 2).T)", "loss = np.mean((y_out - y_truth).T ** 2)"],
    ),
    Equivalent(
        "the mean of a single number is that number",
        ["mean_squared_error"],
        ["loss = np.mean(np.mean((y_out - y_truth) ** 2))"],
    ),
    Equivalent(
        "these have as many numbers as y_out",
        ["mean_squared_error_gradient"],
        [
            "gradient = 2 * (y_out - y_truth) / y_truth.size",
            "gradient = 2 * (y_out - y_truth) / (-y_out).size",
            "gradient = 2 * (y_out - y_truth) / y_out.T.size",
        ],
    ),
]
