"""A server's sync logic, measured from outside: by pressing a token and watching the server."""
