"""The JSON API, a router for each part of the portal.

Each route is one verb: it takes what the verb takes and answers what the verb returns, with no
word of its own. A refusal is a problem (RFC 9457) with the verb's reason as its ``code``.
"""
