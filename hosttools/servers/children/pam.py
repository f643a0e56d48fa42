"""PAM in a process of its own, for ``hosttools.servers.pam``.

A login is a PAM transaction in a fork, as an sshd does it: whatever a module does to its
process is gone with it. Source of the interface: pam_start(3), pam_conv(3).
"""

import ctypes
from collections.abc import Callable
from typing import Any, ClassVar, Final

from hosttools.servers.worker import RefusedError, serve

LIBRARY: Final = "libpam.so.0"
_SUCCESS: Final = 0
_BUF_ERR: Final = 5
_PROMPTS: Final = frozenset({1, 2})
"""PAM_PROMPT_ECHO_OFF and PAM_PROMPT_ECHO_ON."""


class _Message(ctypes.Structure):
    _fields_: ClassVar = [("style", ctypes.c_int), ("text", ctypes.c_char_p)]


class _Response(ctypes.Structure):
    _fields_: ClassVar = [("text", ctypes.c_void_p), ("unused", ctypes.c_int)]


_Converse = ctypes.CFUNCTYPE(
    ctypes.c_int,
    ctypes.c_int,
    ctypes.POINTER(ctypes.POINTER(_Message)),
    ctypes.POINTER(ctypes.POINTER(_Response)),
    ctypes.c_void_p,
)


class _Conversation(ctypes.Structure):
    _fields_: ClassVar = [("converse", _Converse), ("data", ctypes.c_void_p)]


def _load() -> tuple[ctypes.CDLL, ctypes.CDLL]:
    pam, libc = ctypes.CDLL(LIBRARY), ctypes.CDLL(None)
    pam.pam_strerror.argtypes = [ctypes.c_void_p, ctypes.c_int]
    pam.pam_strerror.restype = ctypes.c_char_p
    for name in ("pam_authenticate", "pam_acct_mgmt", "pam_end"):
        getattr(pam, name).argtypes = [ctypes.c_void_p, ctypes.c_int]
    libc.calloc.argtypes = [ctypes.c_size_t, ctypes.c_size_t]
    libc.calloc.restype = ctypes.c_void_p
    libc.strdup.argtypes = [ctypes.c_char_p]
    libc.strdup.restype = ctypes.c_void_p
    return pam, libc


def _answering(libc: ctypes.CDLL, code: bytes, said: list[str]) -> Callable[..., int]:
    def converse(count: int, messages: Any, responses: Any, _data: object) -> int:  # noqa: ANN401  # C pointers
        # The module frees both, so they are libc's.
        place = libc.calloc(count, ctypes.sizeof(_Response))
        if not place:
            return _BUF_ERR
        answers = ctypes.cast(place, ctypes.POINTER(_Response))
        for index in range(count):
            message = messages[index].contents
            if message.style in _PROMPTS:
                answers[index].text = libc.strdup(code)
            else:
                said.append((message.text or b"").decode(errors="replace"))
        responses[0] = answers
        return _SUCCESS

    return converse


def main() -> None:
    """Serve until nobody asks any more."""
    pam, libc = _load()

    def verify(service: str, folder: str | None, user: str, code: str) -> tuple[int, str]:
        said: list[str] = []
        handle = ctypes.c_void_p()
        answer = _Converse(_answering(libc, code.encode("utf-8", "surrogatepass"), said))
        conversation = _Conversation(answer, None)
        who = user.encode("utf-8", "surrogatepass")
        start = [service.encode(), who, ctypes.byref(conversation)]
        if folder is None:
            result = pam.pam_start(*start, ctypes.byref(handle))
        else:
            result = pam.pam_start_confdir(*start, folder.encode(), ctypes.byref(handle))
        if result != _SUCCESS:
            raise RefusedError(f"PAM can't begin, with error {result}")
        result = pam.pam_authenticate(handle, 0)
        if result == _SUCCESS:
            result = pam.pam_acct_mgmt(handle, 0)
        words = pam.pam_strerror(handle, result).decode(errors="replace")
        pam.pam_end(handle, result)
        return result, "; ".join([words, *said])

    serve({"verify": verify})


if __name__ == "__main__":
    main()
