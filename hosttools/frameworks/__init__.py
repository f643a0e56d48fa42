"""Thin adapters to other people's test frameworks, one in each module.

Each stands on :class:`hosttools.hand.Token` and adds nothing to it. Nothing else of ours
imports them, and none is imported before its framework asks for it.
"""
