"""What runs in processes of its own: libraries that are a server. See ``worker.py``."""
