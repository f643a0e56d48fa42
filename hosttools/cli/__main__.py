"""``python -m hosttools.cli``: the same as ``galh``, for who has no scripts on the path."""

from hosttools.cli.main import main

main()
