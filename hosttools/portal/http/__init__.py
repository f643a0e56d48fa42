"""The portal's face: pages to be used by hand, and the same as a JSON API. Needs ``portal``.

Who gets in, limits, headers and the socket are the bench's, :mod:`emulator.http`. Handlers
call a verb of :mod:`hosttools.portal` and show what came of it; they decide nothing, and
no code and no secret that was typed is ever shown again, logged or part of an address.

==============  ===============================================================
``desk``        what an application works on
``visits``      who asks: cookie or bearer token, and forms that are ours
``views``       pages from templates
``failing``     what a refusal is over HTTP, as a page and as a problem
``pages/``      the pages, a router for each part of the portal
``api/``        the JSON API, likewise
``app``         all of it together, behind the guard
==============  ===============================================================
"""
