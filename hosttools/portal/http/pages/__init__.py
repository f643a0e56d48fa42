"""The pages, a router for each part of the portal.

A form is answered with a redirect to a page that shows what came of it, or with the same form
and what is wrong: so a reload sends nothing again.
"""
