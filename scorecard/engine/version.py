"""The version of the engine.

It is part of the key of every score run. Raise it whenever any result of any published rulebook could change.
"""

ENGINE_VERSION = "1.3.0"
