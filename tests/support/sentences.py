"""What every message to a person is: one sentence."""


def assert_sentence(error: BaseException, *words: str) -> None:
    """The message is one line that ends in a period and contains the words."""
    message = str(error)
    assert "\n" not in message
    assert message.endswith(".")
    assert not message.endswith("..")
    for word in words:
        assert word in message
