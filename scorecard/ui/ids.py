"""Numbers of rows and revisions as a form or an address sends them."""


def typed_id(text: str) -> int | None:
    """The number that a hidden field, a choice or a query names; None where the text is none that a row could have.

    Thousands of digits are an error of Python's own ``int``, and twenty are one of the database.
    """
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def typed_ids(texts: list[str]) -> list[int]:
    """Those of several, each once, in the order in which they were sent."""
    found = (typed_id(text) for text in dict.fromkeys(texts))
    return [number for number in found if number is not None]
