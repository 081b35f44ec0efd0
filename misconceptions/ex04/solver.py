"""The update that joins model, loss and optimizer: what goes wrong."""

from nbjudge.judging.misconception import Misconception

MODEL = "model_forward, model_backward = model(X_train)"
LOSS = "loss, loss_grad = loss_func(model_forward, y_train)"
GRADIENT = "grad = model_backward.T @ loss_grad / len(X_train)"
UPDATE = "opt.step(grad)"


def _step(replaced: dict[str, str], sentence: str) -> Misconception:
    return Misconception("test_solver_step", sentence, replaced)


STEP = [
    _step(
        {GRADIENT: "grad = model_backward.T @ loss_grad"},
        "You added up over the samples. The gradient of the mean loss needs one thing more.",
    ),
    _step(
        {GRADIENT: "grad = model_backward.T @ loss_grad / len(X_train) ** 2"},
        "You divided by the number of samples twice, perhaps by a mean and by a division. Once is right.",
    ),
    _step(
        {GRADIENT: "grad = model_backward.T @ loss_grad / X_train.shape[1]"},
        "You divided by the number of features. The mean is over the samples.",
    ),
    _step(
        {GRADIENT: "grad = model_backward.T @ loss_grad / model_backward.shape[1]"},
        "You divided by the number of weights. The mean is over the samples.",
    ),
    _step(
        {GRADIENT: "grad = np.mean(model_backward, axis=0).reshape(-1, 1)"},
        "You used the derivative of the model only. The chain rule joins it with that of the loss.",
    ),
    _step(
        {GRADIENT: "grad = np.mean(loss_grad)"},
        "You used the derivative of the loss only. The chain rule joins it with that of the model.",
    ),
    _step(
        {GRADIENT: "grad = loss_grad"},
        "You handed over the derivative of the loss as it is. "
        "The optimizer needs to know about weights, not predictions.",
    ),
    _step(
        {GRADIENT: "grad = model_backward"},
        "You handed over the derivative of the model as it is. Join it with that of the loss, then take the mean.",
    ),
    _step(
        {GRADIENT: "grad = X_train.T @ loss_grad / len(X_train)"},
        "You put the samples where the derivative of the model belongs.",
    ),
    _step(
        {GRADIENT: "grad = X_train.T @ (model_forward - y_train) / len(X_train)"},
        "This is the finished formula for a sigmoid with cross entropy. "
        "Here, use the derivatives that model and loss give.",
    ),
    _step(
        {GRADIENT: "grad = model_backward.T @ (model_forward - y_train) / len(X_train)"},
        "You used prediction minus label. What the loss gives as its derivative belongs there.",
    ),
    _step(
        {GRADIENT: "grad = model_backward.T @ loss / len(X_train)"},
        "You multiplied by the loss itself. Calling it gives two things; take the other one.",
    ),
    _step(
        {GRADIENT: "grad = model_forward.T @ loss_grad / len(X_train)"},
        "You multiplied by the prediction itself. Calling the model gives two things; take the other one.",
    ),
    _step(
        {LOSS: "loss, loss_grad = loss_func(y_train, model_forward)"},
        "Prediction and label have changed places in the call of the loss.",
    ),
    _step(
        {
            MODEL: "X, y = self.X_val, self.y_val\nmodel_forward, model_backward = model(X)",
            LOSS: "loss, loss_grad = loss_func(model_forward, y)",
        },
        "You learn from the validation samples. They are for judging the model; train on the others.",
    ),
    _step(
        {MODEL: "model_forward = model.forward(X_train)\nmodel_backward = model.backward(y_train)"},
        "You gave labels to the model's backward pass. It wants the predictions.",
    ),
    _step(
        {GRADIENT: "grad = np.mean(model_backward * loss_grad, axis=1, keepdims=True)"},
        "You took the mean over the weights. It goes over the samples, which lie along the other axis.",
    ),
    _step(
        {GRADIENT: "grad = np.mean(model_backward * loss_grad)"},
        "You averaged over everything, so that a single number is left. Each weight has its own.",
    ),
    _step(
        {GRADIENT: "grad = model_backward * loss_grad"},
        "You joined the derivatives of each sample, which is right. The mean over the samples is still to come.",
    ),
    _step(
        {GRADIENT: "grad = np.mean(model_backward, axis=0).reshape(-1, 1) * np.mean(loss_grad)"},
        "You multiplied two means. First multiply sample by sample, then take the mean.",
    ),
    _step(
        {GRADIENT: "grad = np.mean(model_backward + loss_grad, axis=0).reshape(-1, 1)"},
        "You added the two derivatives. The chain rule multiplies them.",
    ),
    _step(
        {GRADIENT: "grad = model_backward[:1].T @ loss_grad[:1]"},
        "Only the first sample counts in your gradient. Every one has a say.",
    ),
    _step(
        {GRADIENT: "grad = np.mean(model_backward * loss_grad, axis=0, keepdims=True)"},
        "The numbers are right, but they lie in a row. The optimizer wants a column, like the weights.",
    ),
    _step(
        {GRADIENT: "grad = np.mean(model_backward * loss_grad, axis=0)"},
        "The numbers are right, but they are a flat vector. The optimizer wants a column, like the weights.",
    ),
    _step(
        {UPDATE: "opt.step(-grad)"},
        "You flipped the sign of the gradient. Going downhill is the optimizer's part.",
    ),
    _step(
        {UPDATE: "opt.step(opt.lr * grad)"},
        "You multiplied by the learning rate. The optimizer does that.",
    ),
    _step(
        {UPDATE: "opt.step(grad)\nopt.step(grad)"},
        "You called the optimizer twice in one update.",
    ),
    _step(
        {UPDATE: "for n in range(len(X_train)):\n    opt.step(model_backward[[n]].T * loss_grad[n])"},
        "You make one update per sample. Take the mean over all samples, then make one update.",
    ),
    _step(
        {UPDATE: "pass"},
        "The optimizer never got the gradient. Is there a call of its method, with brackets?",
    ),
    _step(
        {UPDATE: "model.W = model.W - opt.lr * grad"},
        "You changed the weights yourself and left out the optimizer. "
        "Hand the gradient to it, so that it can be exchanged.",
    ),
    _step(
        {UPDATE: "opt.step(grad)\nmodel.W = model.W - opt.lr * grad"},
        "The optimizer was called, which is right; but you also changed the weights yourself.",
    ),
    _step(
        {UPDATE: "self.total = getattr(self, 'total', 0) + grad\nopt.step(self.total)"},
        "The first update is right, but later ones still contain the gradients of earlier ones. Begin anew each time.",
    ),
    _step(
        {UPDATE: "model.W = opt.step(grad)"},
        "The optimizer sets the weights itself and gives nothing back, so the weights became None. Just call it.",
    ),
    _step(
        {MODEL: "model_forward = model.forward(X_train)", LOSS: LOSS + "\nmodel_backward = model.backward(loss_grad)"},
        "You gave the derivative of the loss to the model's backward pass. It takes the predictions; "
        "multiply the two derivatives yourself.",
    ),
    _step(
        {GRADIENT: "grad = model_backward.T @ model_forward / len(X_train)"},
        "You multiplied by the prediction. What the loss gives as its derivative belongs there.",
    ),
    _step(
        {UPDATE: "opt.step(model.W - opt.lr * grad)"},
        "These are new weights. The optimizer wants the gradient, and computes the weights itself.",
    ),
    _step(
        {GRADIENT: "grad = np.mean(model_backward * loss_grad, axis=1)"},
        "You took the mean over the weights. It goes over the samples, which lie along the other axis.",
    ),
    _step(
        {
            GRADIENT: "X = np.hstack((X_train, np.ones((len(X_train), 1))))\n"
            "grad = X.T @ (model_forward - y_train) / len(X_train)"
        },
        "This is the finished formula for a sigmoid with cross entropy. Here, use the derivatives that model "
        "and loss give.",
    ),
    _step(
        {UPDATE: "opt.step(model_forward)"},
        "You handed over the prediction. The optimizer wants the gradient.",
    ),
    _step(
        {LOSS: "loss, loss_grad = loss_func(model_forward, y_train.ravel())"},
        "You flattened the labels but not the predictions, so the loss combined all with all. Keep both in one shape.",
    ),
    _step(
        {GRADIENT: "grad = model_backward.T @ loss_grad / 341"},
        "A number of samples is written into the code. Ask the data how many there are.",
    ),
    _step(
        {GRADIENT: "grad = model_backward.T @ (loss * loss_grad) / len(X_train)"},
        "The loss itself is a factor in your gradient. Only its derivative is.",
    ),
    _step(
        {GRADIENT: "grad = np.mean(model_backward, axis=0).reshape(-1, 1) * np.mean(loss)"},
        "The loss stands where its derivative belongs. Multiply sample by sample, then take the mean.",
    ),
    _step(
        {GRADIENT: "grad = np.sum(loss_grad) * np.mean(model_backward, axis=0).reshape(-1, 1)"},
        "You added up the derivatives of the loss first. Multiply sample by sample, then take the mean.",
    ),
    _step(
        {GRADIENT: "grad = np.sum(loss_grad) * np.sum(model_backward, axis=0).reshape(-1, 1) / len(X_train)"},
        "You added up the derivatives of the loss first. Multiply sample by sample, then take the mean.",
    ),
    _step(
        {GRADIENT: "grad = (model_backward[-1:] * loss_grad[-1:]).T"},
        "Only the last sample counts. Does each turn of a loop begin anew?",
    ),
    _step(
        {GRADIENT: "grad = (model_backward[-1:] * loss_grad[-1:]).T / len(X_train)"},
        "Only the last sample counts. Does each turn of a loop begin anew?",
    ),
    _step(
        {GRADIENT: "grad = model_backward[:-1].T @ loss_grad[:-1] / len(X_train)"},
        "The last sample doesn't count: a loop ends one too early.",
    ),
    _step(
        {GRADIENT: "grad = model_backward[1:].T @ loss_grad[1:] / len(X_train)"},
        "The first sample doesn't count: a loop begins one too late.",
    ),
    _step(
        {GRADIENT: "grad = model_backward.T @ loss_grad / len(X_train) + 0.01 * model.W"},
        "A part of the weights is added to the gradient. Take what the two derivatives give.",
    ),
    _step(
        {GRADIENT: "grad = -model_backward.T @ loss_grad"},
        "Two things at once: the sign is flipped, and the division by the number of samples is missing.",
    ),
    _step(
        {GRADIENT: "grad = -model_backward.T @ loss_grad / len(X_train) ** 2"},
        "Two things at once: the sign is flipped, and you divided by the number of samples twice.",
    ),
    _step(
        {UPDATE: "opt.step(loss)"},
        "You handed over the losses. The optimizer wants the gradient.",
    ),
    _step(
        {UPDATE: "opt.step(np.mean(loss))"},
        "You handed over the mean loss. The optimizer wants the gradient, one number for each weight.",
    ),
]
