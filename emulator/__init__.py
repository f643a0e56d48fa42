"""Tokens, alive: a bench on a clock, durable state, and ports to reach it."""
