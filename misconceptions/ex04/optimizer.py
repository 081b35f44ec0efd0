"""The step of gradient descent: what goes wrong."""

from nbjudge.judging.misconception import Misconception


def _step(replacement: str, sentence: str) -> Misconception:
    return Misconception("test_optimizer_step", sentence, {"weight = weight - self.lr * dw": replacement})


STEP = [
    _step(
        "weight = weight + self.lr * dw",
        "You walk uphill: the gradient points to where the loss grows.",
    ),
    _step(
        "weight = weight - dw",
        "The learning rate is missing: every step has the full length of the gradient.",
    ),
    _step(
        "weight = weight + dw",
        "Two things at once: you walk uphill, and the learning rate is missing.",
    ),
    _step(
        "weight = weight - dw / self.lr",
        "You divide by the learning rate, so that a smaller one makes longer steps. It should be the other way round.",
    ),
    _step(
        "weight - self.lr * dw",
        "The weights are what they were before. A result is lost unless it gets the name that the next line uses.",
    ),
    _step(
        "weight = -self.lr * dw",
        "The step takes the place of the weights, and all that was learnt is forgotten. "
        "A step starts from the old weights.",
    ),
    _step(
        "weight = self.lr * dw",
        "The weights became the learning rate times the gradient. Start from the old weights, and go downhill.",
    ),
    _step(
        "weight = self.lr * dw - weight",
        "The difference is the wrong way round. What is taken from what?",
    ),
    _step(
        "weight = weight - 0.1 * dw",
        "You wrote 0.1 into the step. Use the learning rate that the optimizer was made with.",
    ),
    _step(
        "weight = weight - 0.01 * dw",
        "You wrote 0.01 into the step. Use the learning rate that the optimizer was made with.",
    ),
    _step(
        "weight = (weight - self.lr) * dw",
        "Look at your brackets: the learning rate belongs to the gradient, not to the weights.",
    ),
    _step(
        "weight = weight * (1 - self.lr * dw)",
        "You scale each weight, so that large ones take longer steps and a weight of 0 never moves. "
        "A step doesn't depend on the weight.",
    ),
    _step(
        "weight = weight - self.lr * weight",
        "The weights shrink, whatever the gradient says. Where does it come into your step?",
    ),
    _step(
        "weight = weight - self.lr",
        "All weights go down by the learning rate. The gradient isn't in it.",
    ),
    _step(
        "weight = weight - self.lr * np.sign(dw)",
        "You use only the sign of the gradient. Steep directions should take longer steps than flat ones.",
    ),
    _step(
        "weight = weight - self.lr * np.abs(dw)",
        "All weights go down: the sign of the gradient got lost.",
    ),
    _step(
        "weight = weight - self.lr * dw / np.linalg.norm(dw)",
        "You brought the gradient to length 1 first. Take it as it is, so that steps become short near the valley "
        "floor.",
    ),
    _step(
        "weight = weight - self.lr * np.mean(dw)",
        "You took the mean of the gradient, so that all weights move alike. Each weight has a slope of its own.",
    ),
    _step(
        "weight = weight - self.lr * dw / len(dw)",
        "You divided by the number of weights. The gradient that comes in is ready for use.",
    ),
    _step(
        "weight = weight - 2 * self.lr * dw",
        "Your step is twice as long as it should be.",
    ),
    _step(
        "weight = np.vstack((weight[:-1] - self.lr * dw[:-1], weight[-1:]))",
        "The bias stays where it was. It learns like every other weight.",
    ),
    _step(
        "weight = weight.ravel() - self.lr * dw",
        "You flattened the weights; with a column for the gradient that makes a square table. Keep both as columns.",
    ),
    _step(
        "weight = (weight - self.lr * dw).ravel()",
        "The numbers are right, but the weights have become a flat vector. They have to stay a column.",
    ),
    _step(
        "weight = (weight - self.lr * dw).T",
        "The numbers are right, but the weights have become a row. They have to stay a column.",
    ),
    _step(
        "self.speed = 0.9 * getattr(self, 'speed', 0) + dw\nweight = weight - self.lr * self.speed",
        "The first step is right, but later ones remember earlier gradients. "
        "That is momentum; here each step stands alone.",
    ),
    _step(
        "weight = weight - self.lr * dw\nself.lr = self.lr * 0.9",
        "The first step is right, but then your learning rate becomes smaller. It stays the same here.",
    ),
    _step(
        "weight = dw",
        "The gradient took the place of the weights. A step starts from the old weights.",
    ),
    _step(
        "weight = weight - 0.5 * dw",
        "You wrote 0.5 into the step. Use the learning rate that the optimizer was made with.",
    ),
    _step(
        "weight = weight - 0.001 * dw",
        "You wrote 0.001 into the step. Use the learning rate that the optimizer was made with.",
    ),
    _step(
        "weight = weight - self.lr**2 * dw",
        "The learning rate is in it twice.",
    ),
    _step(
        "weight = self.lr * (weight - dw)",
        "A bracket is in the wrong place: the learning rate multiplies the weights as well.",
    ),
    _step(
        "weight = weight - self.lr * dw.T",
        "The gradient was transposed, and a column less a row is a table. Keep both as columns.",
    ),
    _step(
        "self.first = getattr(self, 'first', weight)\nweight = self.first - self.lr * dw",
        "The first step is right, but later ones start from the first weights again. Start from what they are now.",
    ),
    _step(
        "weight = weight + 0.1 * dw",
        "Two things at once: you walk uphill, and a learning rate is written into the code.",
    ),
    _step(
        "weight = dw - self.lr * weight",
        "Weights and gradient have changed places. The learning rate belongs to the gradient.",
    ),
    _step(
        "weight = weight - self.lr * (dw + weight)",
        "The weights are drawn towards 0 as well. A step is the learning rate times the gradient.",
    ),
    _step(
        "weight = (1 - self.lr) * weight - self.lr * dw",
        "The weights are drawn towards 0 as well. A step is the learning rate times the gradient.",
    ),
    _step(
        "weight = weight - self.lr * dw * len(dw)",
        "Your step is as many times too long as there are weights. Does a loop take the whole step for each of them?",
    ),
    _step(
        "weight = weight - self.lr * dw / 2",
        "Your step is half as long as it should be.",
    ),
    _step(
        "weight = weight - self.lr * dw**2",
        "The gradient is squared, so that its sign is lost.",
    ),
    _step(
        "weight = weight - self.lr * np.sum(dw)",
        "You added up the gradient, so that all weights move alike. Each weight has a slope of its own.",
    ),
    _step(
        "weight = weight - self.lr - dw",
        "Look at your brackets: the learning rate multiplies the gradient.",
    ),
    _step(
        "weight = weight - self.lr + dw",
        "The learning rate is added to the gradient. It multiplies it.",
    ),
    _step(
        "weight = weight - (self.lr + dw)",
        "Look at your brackets: the learning rate multiplies the gradient.",
    ),
    _step(
        "weight = weight - self.lr * np.trunc(dw)",
        "The digits after the point of the gradient are cut off.",
    ),
    _step(
        "self.lr *= 2\nweight = weight - self.lr * dw / 2",
        "The first step is right, but then your learning rate grows. It stays the same here.",
    ),
    _step(
        "weight = weight - self.lr * np.dot(dw.T, dw)",
        "A dot product makes one number of the gradient. Each weight has a slope of its own.",
    ),
]
