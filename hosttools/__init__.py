"""Host tools: command line, reference server, seed files, clients."""
