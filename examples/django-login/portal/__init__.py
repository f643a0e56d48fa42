"""The staff portal of a clinic."""
