"""The sigmoid: what goes wrong."""

from nbjudge.judging.misconception import Misconception


def _sigmoid(replacement: str, sentence: str) -> Misconception:
    line = "out = np.where(np.asarray(x) >= 0, 1 / (1 + e), e / (1 + e))"
    return Misconception("test_sigmoid", sentence, {line: replacement})


SIGMOID = [
    _sigmoid(
        "out = np.tanh(x)",
        "This is tanh, which runs from -1 to 1. A probability runs from 0 to 1.",
    ),
    _sigmoid(
        "out = (1 + np.tanh(x)) / 2",
        "Written with tanh it comes close, but your curve is twice as steep as the sigmoid.",
    ),
    _sigmoid(
        "out = np.maximum(x, 0)",
        "This is ReLU: it cuts off what is negative, and has no upper bound. A probability never exceeds 1.",
    ),
    _sigmoid(
        "out = np.clip(0.2 * x + 0.5, 0, 1)",
        "Three straight lines (a hard sigmoid) are only near the curve. Use the exponential function.",
    ),
    _sigmoid(
        "out = np.where(x >= 0, 1.0, 0.0)",
        "You give a hard yes or no. The sigmoid gives what lies between as well.",
    ),
    _sigmoid(
        "out = 0.5 * (1 + x / (1 + np.abs(x)))",
        "The shape is similar, but this curve reaches 0 and 1 far too slowly. There is an exponential in the formula.",
    ),
    _sigmoid(
        "out = 1 / (1 + np.exp(x))",
        "Your curve is mirrored: it falls where it should rise. Look at the sign in the exponent.",
    ),
    _sigmoid(
        "out = 1 / (1 - np.exp(-x))",
        "Your results leave the range from 0 to 1. Look at the sign in the denominator.",
    ),
    _sigmoid(
        "out = 1 / 1 + np.exp(-x)",
        "Division comes before addition. Brackets around the denominator are missing.",
    ),
    _sigmoid(
        "out = 1 / (np.exp(-x))",
        "Your results grow without bound. In the denominator one summand is missing.",
    ),
    _sigmoid(
        "out = np.exp(-x) / (1 + np.exp(-x)) ** 2",
        "This is the slope of the sigmoid, which comes up in task 5. Here its value is asked for.",
    ),
    _sigmoid(
        "out = np.log(1 / (1 + np.exp(-x)))",
        "You took the logarithm of the sigmoid. That comes later, in the loss.",
    ),
    _sigmoid(
        "out = np.log(1 + np.exp(x))",
        "There is a logarithm where a fraction should be: this function, softplus, grows without bound.",
    ),
    _sigmoid(
        "s = 1 / (1 + np.exp(-x))\nout = 1 / (1 + np.exp(-s))",
        "The sigmoid is applied twice, so that nothing comes below 0.5. Once is enough.",
    ),
    _sigmoid(
        "out = np.exp(x) / np.sum(np.exp(x))",
        "Your results add up to 1 over all entries: this is softmax. Each entry has a probability of its own.",
    ),
    _sigmoid(
        "out = np.exp(x) / np.sum(np.exp(x), axis=-1, keepdims=True)",
        "You divide by a sum over each row: this is softmax. The sigmoid looks at one entry at a time.",
    ),
    _sigmoid(
        "out = (x - np.min(x)) / (np.max(x) - np.min(x))",
        "You stretched the logits of the batch to the range from 0 to 1. "
        "The result of an entry may not depend on others.",
    ),
    _sigmoid(
        "out = 1 / (1 + np.exp(-np.abs(x)))",
        "Only logits from 0 upwards are right: you made the negative ones positive. They need a branch of their own.",
    ),
    _sigmoid(
        "out = 1 / (1 + 2.0 ** (-x))",
        "You took powers of 2. The formula has powers of e.",
    ),
    _sigmoid(
        "out = 1 / (1 + 10.0 ** (-x))",
        "You took powers of 10. Notation like 1e-3 means something else; the formula has powers of e.",
    ),
    _sigmoid(
        "out = x",
        "What comes out is what went in. Where does the formula come in?",
    ),
    _sigmoid(
        "out = np.round(1 / (1 + np.exp(-x)), 2)",
        "You rounded to two decimals. Give all digits; rounding is for reading only.",
    ),
    _sigmoid(
        "out = np.mean(1 / (1 + np.exp(-x)))",
        "You averaged over the entries. Return one value for each.",
    ),
    _sigmoid(
        "out = np.ravel(1 / (1 + np.exp(-x)))",
        "The values are right, but you flattened them. The result has the shape of what came in.",
    ),
    _sigmoid(
        "out = (1 / (1 + np.exp(-x))).reshape(-1, 1)",
        "You made a column of everything. That fits a column, but the sigmoid keeps any other shape too.",
    ),
    _sigmoid(
        "out = 1 / (1 + np.exp(-np.clip(x, -10, 10)))",
        "You cut the logits off at 10, so that surer predictions all look the same. Cut much farther out, if at all.",
    ),
    _sigmoid(
        "out = np.clip(x, 0, 1)",
        "Three straight lines (a hard sigmoid) are only near the curve. Use the exponential function.",
    ),
    _sigmoid(
        "out = np.clip(0.25 * x + 0.5, 0, 1)",
        "Three straight lines (a hard sigmoid) are only near the curve. Use the exponential function.",
    ),
    _sigmoid(
        "out = np.clip(0.2 * x + 0.5, 0, 1)",
        "Three straight lines (a hard sigmoid) are only near the curve. Use the exponential function.",
    ),
    _sigmoid(
        "out = np.clip((x + 1) / 2, 0, 1)",
        "Three straight lines (a hard sigmoid) are only near the curve. Use the exponential function.",
    ),
    _sigmoid(
        "out = (np.asarray(x) > 0).astype(float)",
        "You give a hard yes or no. The sigmoid gives what lies between as well.",
    ),
    _sigmoid(
        "out = np.round(1 / (1 + np.exp(-x)))",
        "You give a hard yes or no. The sigmoid gives what lies between as well.",
    ),
    _sigmoid(
        "out = 1 // (1 + np.exp(-x))",
        "The digits after the point are cut off: by two slashes, where one divides, or by an array of integers.",
    ),
    _sigmoid(
        "out = np.exp(-x)",
        "This is the exponential alone. It is a part of the denominator.",
    ),
    _sigmoid(
        "out = 1 + 1 / np.exp(-x)",
        "Brackets around the denominator are missing: the 1 belongs under the fraction.",
    ),
    _sigmoid(
        "out = 1 + np.exp(-x) ** -1",
        "Brackets around the denominator are missing: the 1 belongs under the fraction.",
    ),
    _sigmoid(
        "out = np.exp(x) / 1 + np.exp(x)",
        "Brackets around the denominator are missing: division comes before addition.",
    ),
    _sigmoid(
        "out = np.exp(x) / (1 + np.exp(-x))",
        "Two forms are mixed: either a 1 stands above the fraction line, or the same exponential as below it.",
    ),
    _sigmoid(
        "out = 1 / (1 + np.exp(-(x**2)))",
        "The logit is squared in the exponent. Take it as it is.",
    ),
    _sigmoid(
        "out = 1 / (1 + np.e * -x)",
        "The number e is multiplied by the logit. It has to be raised to that power; numpy has exp for it.",
    ),
    _sigmoid(
        "out = 1 / (1 + np.expm1(-x))",
        "The 1 of the denominator is taken away again, by a function that subtracts it. Take the plain exponential.",
    ),
    _sigmoid(
        "z = x - np.max(x)\nout = 1 / (1 + np.exp(-z))",
        "The largest logit was taken off, as softmax does. The sigmoid looks at each entry by itself.",
    ),
    _sigmoid(
        "z = x - np.mean(x)\nout = 1 / (1 + np.exp(-z))",
        "The mean was taken off. The sigmoid looks at each entry by itself.",
    ),
    _sigmoid(
        "out = 1 / (1 + np.exp(np.abs(x)))",
        "Logits above 0 give what those below 0 should: their sign is lost.",
    ),
]
