"""The command line: the only place where clock, bench, ports and servers are wired together."""
