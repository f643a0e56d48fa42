"""liboath in a process of its own, for ``hosttools.servers.liboath``."""

import ctypes
from typing import Final

from hosttools.servers.worker import serve

LIBRARY: Final = "liboath.so.0"


def _load() -> ctypes.CDLL:
    library = ctypes.CDLL(LIBRARY)
    library.oath_authenticate_usersfile.argtypes = [
        ctypes.c_char_p,
        ctypes.c_char_p,
        ctypes.c_char_p,
        ctypes.c_size_t,
        ctypes.c_char_p,
        ctypes.POINTER(ctypes.c_long),  # time_t
    ]
    for name in ("oath_strerror_name", "oath_strerror", "oath_check_version"):
        getattr(library, name).restype = ctypes.c_char_p
    return library


def main() -> None:
    """Serve until nobody asks any more."""
    library = _load()

    def verify(usersfile: str, user: str, code: str, window: int) -> tuple[str, str]:
        said = library.oath_authenticate_usersfile(
            usersfile.encode(),
            user.encode("utf-8", "surrogatepass"),
            code.encode("utf-8", "surrogatepass"),
            window,
            None,
            ctypes.byref(ctypes.c_long()),
        )
        name: bytes = library.oath_strerror_name(said) or b""
        words: bytes = library.oath_strerror(said) or b""
        return name.decode(), words.decode()

    serve({"verify": verify})


if __name__ == "__main__":
    main()
