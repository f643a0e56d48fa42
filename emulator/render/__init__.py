"""Pictures of a token, as pure functions of what its LCD shows.

One module for each kind of picture: ``terminal``, ``svg``, ``png``, ``fob``. Import
the one you need: only ``png`` and ``fob`` load Pillow, so nothing is re-exported here.
"""
