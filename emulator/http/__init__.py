"""The bench over HTTP: ``/api/v1``, events, the page.

A thin layer over the bench's verbs, in the bench's own event loop and thread; it grows
none of its own. ``desk`` is what an application is made of, ``app`` makes it, ``server``
serves it; ``schemas`` is what its routes take and give. Everything in here needs the extra
``web``; import it only when it is asked for.
"""
