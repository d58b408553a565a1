"""Names between snake_case and camelCase."""


def to_camel(name: str) -> str:
    """Write a snake_case name as camelCase."""
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def to_snake(name: str) -> str:
    """Write a camelCase name as snake_case."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
