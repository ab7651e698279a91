"""Of which of two texts a caution speaks, where one of them is at hand."""


def said_of(why: str, second: str) -> str:
    """Return why two texts differ, told of the second: `'not' is only in this passage`.

    :param second: What the second text is called.
    """
    words, is_in_one, which = why.rpartition(" only in the ")
    told = {"first text": f"is not in {second}", "second text": f"is only in {second}"}.get(which)
    return f"{words} {told}" if is_in_one and told else why
