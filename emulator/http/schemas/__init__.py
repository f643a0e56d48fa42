"""What the routes take and give, as pydantic models: checked here, described in OpenAPI.

A module for each module of routes, by the same name. Requests are strict (a number is a
number, a misspelt field an error), so that what the description allows is what is taken.
A secret is in requests only, never in an answer.
"""
