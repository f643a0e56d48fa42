"""SCPI-99 over IEEE 488.2, with no transport in it: bytes in, bytes out.

    bytes ─► session ─► tree (lexer, parameters) ─► commands ─► the bench's verbs
    bytes ◄─ session ◄───────── responses, errors, status ◄──────────┘

``session.Session`` is what a port needs. ``commands.COMMANDS`` is the one table of
everything that can be said; ``docs/serial-protocol.md`` describes it.
"""
