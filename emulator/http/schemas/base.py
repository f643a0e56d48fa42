"""What all models share: strict requests, frozen answers, and bounds."""

from typing import Annotated, Final, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

MAX_SEQUENCE: Final = 9 * 10**18
"""Largest sequence number and nanosecond; written out as a float in the description, it is
still the same (RFC 8259 section 6)."""

LAST_COUNTER: Final = 18 * 10**18
"""As far as a counter goes over HTTP, for the same reason; the token's own end is 2**64 - 1."""

NS_NOTE: Final = "Bench time, ns since 1970, UTC."


class Answer(BaseModel):
    """Something that the bench answers."""

    model_config = ConfigDict(frozen=True)


class Request(BaseModel):
    """Something that a client asks for: what is not described here is refused."""

    # Nothing of a request is ever quoted in an error: it may be a secret.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _whole_numbers(cls, data: object) -> object:
        """JSON knows one kind of number: 8.0 is as whole as 8 (RFC 8259 section 6)."""
        if isinstance(data, dict):
            return {name: _whole(value) for name, value in data.items()}
        return data


def _whole(value: object) -> object:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return value


Cursor: TypeAlias = Annotated[
    int,
    Field(description="Number of the newest record of the journal: a cursor.", examples=[42]),
]
