"""The reference server over HTTP, for tests in any language. Needs the extra ``web``.

What holds for every request (who gets in, limits, problem details, the socket) is the
bench's, :mod:`emulator.http`; nothing of it is said twice.
"""
