"""The update that joins model, loss and optimizer: what goes wrong."""

from nbjudge.judging.misconception import Misconception

MODEL = "y_out, dy_dW = model(X_train)"
LOSS = "loss, dloss_dy = loss_func(y_out, y_train)"
GRADIENT = "gradient = dy_dW.T @ dloss_dy / len(X_train)"
UPDATE = "opt.step(gradient)"


def _step(replaced: dict[str, str], sentence: str) -> Misconception:
    return Misconception("test_solver_step", sentence, replaced)


STEP = [
    _step(
        {GRADIENT: "gradient = dy_dW.T @ dloss_dy"},
        "You added up over the samples. The gradient of the mean loss needs one thing more.",
    ),
    _step(
        {GRADIENT: "gradient = dy_dW.T @ dloss_dy / len(X_train) ** 2"},
        "You divided by the number of samples twice, perhaps by a mean and by a division. Once is right.",
    ),
    _step(
        {GRADIENT: "gradient = dy_dW.T @ dloss_dy / X_train.shape[1]"},
        "You divided by the number of features. The mean is over the samples.",
    ),
    _step(
        {GRADIENT: "gradient = dy_dW.T @ dloss_dy / dy_dW.shape[1]"},
        "You divided by the number of weights. The mean is over the samples.",
    ),
    _step(
        {GRADIENT: "gradient = np.mean(dy_dW, axis=0).reshape(-1, 1)"},
        "You used the derivative of the model only. The chain rule joins it with that of the loss.",
    ),
    _step(
        {GRADIENT: "gradient = np.mean(dloss_dy)"},
        "You used the derivative of the loss only. The chain rule joins it with that of the model.",
    ),
    _step(
        {GRADIENT: "gradient = dloss_dy"},
        "You handed over the derivative of the loss as it is. "
        "The optimizer needs to know about weights, not predictions.",
    ),
    _step(
        {GRADIENT: "gradient = dy_dW"},
        "You handed over the derivative of the model as it is. Join it with that of the loss, then take the mean.",
    ),
    _step(
        {GRADIENT: "gradient = X_train.T @ dloss_dy / len(X_train)"},
        "You put the samples where the derivative of the model belongs.",
    ),
    _step(
        {GRADIENT: "gradient = X_train.T @ (y_out - y_train) / len(X_train)"},
        "This is the finished formula for a sigmoid with cross entropy. "
        "Here, use the derivatives that model and loss give.",
    ),
    _step(
        {GRADIENT: "gradient = dy_dW.T @ (y_out - y_train) / len(X_train)"},
        "You used prediction minus label. What the loss gives as its derivative belongs there.",
    ),
    _step(
        {GRADIENT: "gradient = dy_dW.T @ loss / len(X_train)"},
        "You multiplied by the loss itself. Calling it gives two things; take the other one.",
    ),
    _step(
        {GRADIENT: "gradient = y_out.T @ dloss_dy / len(X_train)"},
        "You multiplied by the prediction itself. Calling the model gives two things; take the other one.",
    ),
    _step(
        {LOSS: "loss, dloss_dy = loss_func(y_train, y_out)"},
        "Prediction and label have changed places in the call of the loss.",
    ),
    _step(
        {MODEL: "X, y = self.X_val, self.y_val\ny_out, dy_dW = model(X)", LOSS: "loss, dloss_dy = loss_func(y_out, y)"},
        "You learn from the validation samples. They are for judging the model; train on the others.",
    ),
    _step(
        {MODEL: "y_out = model.forward(X_train)\ndy_dW = model.backward(y_train)"},
        "You gave labels to the model's backward pass. It wants the predictions.",
    ),
    _step(
        {GRADIENT: "gradient = np.mean(dy_dW * dloss_dy, axis=1, keepdims=True)"},
        "You took the mean over the weights. It goes over the samples, which lie along the other axis.",
    ),
    _step(
        {GRADIENT: "gradient = np.mean(dy_dW * dloss_dy)"},
        "You averaged over everything, so that a single number is left. Each weight has its own.",
    ),
    _step(
        {GRADIENT: "gradient = dy_dW * dloss_dy"},
        "You joined the derivatives of each sample, which is right. The mean over the samples is still to come.",
    ),
    _step(
        {GRADIENT: "gradient = np.mean(dy_dW, axis=0).reshape(-1, 1) * np.mean(dloss_dy)"},
        "You multiplied two means. First multiply sample by sample, then take the mean.",
    ),
    _step(
        {GRADIENT: "gradient = np.mean(dy_dW + dloss_dy, axis=0).reshape(-1, 1)"},
        "You added the two derivatives. The chain rule multiplies them.",
    ),
    _step(
        {GRADIENT: "gradient = dy_dW[:1].T @ dloss_dy[:1]"},
        "Only the first sample counts in your gradient. Every one has a say.",
    ),
    _step(
        {GRADIENT: "gradient = np.mean(dy_dW * dloss_dy, axis=0, keepdims=True)"},
        "The numbers are right, but they lie in a row. The optimizer wants a column, like the weights.",
    ),
    _step(
        {GRADIENT: "gradient = np.mean(dy_dW * dloss_dy, axis=0)"},
        "The numbers are right, but they are a flat vector. The optimizer wants a column, like the weights.",
    ),
    _step(
        {UPDATE: "opt.step(-gradient)"},
        "You flipped the sign of the gradient. Going downhill is the optimizer's part.",
    ),
    _step(
        {UPDATE: "opt.step(opt.lr * gradient)"},
        "You multiplied by the learning rate. The optimizer does that.",
    ),
    _step(
        {UPDATE: "opt.step(gradient)\nopt.step(gradient)"},
        "You called the optimizer twice in one update.",
    ),
    _step(
        {UPDATE: "for n in range(len(X_train)):\n    opt.step(dy_dW[[n]].T * dloss_dy[n])"},
        "You make one update per sample. Take the mean over all samples, then make one update.",
    ),
    _step(
        {UPDATE: "pass"},
        "The optimizer never got the gradient. Is there a call of its method, with brackets?",
    ),
    _step(
        {UPDATE: "model.W = model.W - opt.lr * gradient"},
        "You changed the weights yourself and left out the optimizer. "
        "Hand the gradient to it, so that it can be exchanged.",
    ),
    _step(
        {UPDATE: "opt.step(gradient)\nmodel.W = model.W - opt.lr * gradient"},
        "The optimizer was called, which is right; after that you changed the weights once more yourself.",
    ),
    _step(
        {UPDATE: "self.total = getattr(self, 'total', 0) + gradient\nopt.step(self.total)"},
        "The first update is right, but later ones still contain the gradients of earlier ones. Begin anew each time.",
    ),
]
