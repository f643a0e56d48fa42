"""A server under load: thousands of holders with a token each, and whether it judged each right.

What is judged, and how, is in :mod:`~hosttools.load.rules`, :mod:`~hosttools.load.anyserver`
and :mod:`~hosttools.load.referee`; :mod:`~hosttools.load.person` is a holder with a token.
None of these knows Locust: it patches the interpreter that imports it, so only
:mod:`~hosttools.load.users` and :mod:`~hosttools.load.child` do, which run in processes of
their own. Nothing is imported here for that reason.
"""
