"""A practice portal: EPCS device management, spares and a support desk, around the token.

A practice and test server: nobody's real data belongs on it. It is the face of the reference
server (:mod:`hosttools.refserver`), whose tokens lie in the portal's own database. Needs the
extra ``portal``; for PostgreSQL ``postgres`` too.

    database    SQLite or PostgreSQL, one change at a time; sqlite, postgresql, schema, tables
    desk        Portal: all that a verb works on
    accounts    who may log in; passwords
    sessions    who is logged in
    limits      how often somebody may try
    auditlog    what happened, so that nobody can change it unseen; logproof checks it
    rules       the tokens' policy, switched while it runs
    practice    what an empty database is filled with
    epcs        device management and signing
    spares      spare tokens, ordered, paid for and shipped; the practice's mail
    support     the support desk
    refusals    what a user is told no with
    bugs        what is wrong on purpose, to be found

A verb is a function of a portal and a session. It reads the clock once, does all it does in
one ``portal.db.write()``, with a word in the log, and raises :class:`Refusal` for what the
user may not. Pages and API call the same verbs.
"""

from hosttools.portal.desk import Portal, open_portal
from hosttools.portal.refusals import Refusal, Why

__all__ = ["Portal", "Refusal", "Why", "open_portal"]
