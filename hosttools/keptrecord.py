"""What a server keeps of a token, as a text without its secret: for journals and cases.

The key is named by its id, as in a token's state. Of the form that was submitted last
there is only whether one was: its mark is of use to nobody who lacks the secret. Whose the
token is, is nobody's business whom a case is sent to.
"""

import dataclasses
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from firmware_model.errors import FirmwareError
from firmware_model.oath import Algorithm, Secret, key_id
from firmware_model.profile import TokenType
from hosttools.errors import HostError, StateError
from hosttools.refserver.policy import Policy
from hosttools.refserver.record import Record, Status

_ENUMS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "token_type": TokenType,
    "algorithm": Algorithm,
    "status": Status,
}
_PLAIN: Final = tuple(
    field.name
    for field in dataclasses.fields(Record)
    if field.name not in {"secret", "form_mark", "serial", "holder", *_ENUMS}
)
_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "expires_ns": (int, type(None)),
    "replaced_by": (str,),
}
"""Of the others it is a whole number."""

_SETTINGS: Final = tuple(field.name for field in dataclasses.fields(Policy))
_NAMES: Final = frozenset({"serial", "key_id", "form", "policy", *_ENUMS, *_PLAIN})


@dataclass(frozen=True, slots=True)
class Kept:
    """What was read back.

    Attributes:
        record: the token, with the secret given; its ``form_mark`` and ``holder`` are empty.
        policy: how the server treated it.
        key_id: the name of the key that it had.
        form: whether a form had been submitted since the last unlock.
    """

    record: Record
    policy: Policy
    key_id: str
    form: bool


def kept_text(record: Record, policy: Policy) -> str:
    """Return a record and its policy as JSON, the key by its id."""
    data: dict[str, Any] = {
        "serial": record.serial,
        "key_id": key_id(record.secret, record.algorithm),
        "form": bool(record.form_mark),
        "policy": dataclasses.asdict(policy),
    }
    data |= {name: getattr(record, name).value for name in _ENUMS}
    data |= {name: getattr(record, name) for name in _PLAIN}
    return json.dumps(data, separators=(",", ":"))


def read_kept(text: str, secret: Secret) -> Kept:
    """Read what :func:`kept_text` gave.

    Args:
        text: the JSON.
        secret: the record's own, or another for it to go on with.

    Raises:
        StateError: anything else.
    """
    try:
        data = json.loads(text)
        if not isinstance(data, dict) or set(data) != _NAMES:
            raise StateError("a server's record with fields missing, or more than there are")
        plain = {name: data[name] for name in _PLAIN}
        if any(type(value) not in _TYPES.get(name, (int,)) for name, value in plain.items()):
            raise StateError("a server's record with a setting of another type")
        policy, form, name = data["policy"], data["form"], data["key_id"]
        if set(policy) != set(_SETTINGS) or type(form) is not bool or not isinstance(name, str):
            raise StateError("a server's record with a policy, form or key id that can't be")
        enums = {name: kind(data[name]) for name, kind in _ENUMS.items()}
        record = Record(serial=data["serial"], secret=secret, **enums, **plain)
        return Kept(record, Policy(**policy), name, form)
    except (HostError, FirmwareError, ValueError, TypeError, AttributeError, RecursionError) as e:
        raise StateError(f"a server's record that can't be: {e}") from None
