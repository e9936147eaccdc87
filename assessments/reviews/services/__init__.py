"""What a supervisor writes while verifying a filing: points with a reason, the supervisor's own figures, comments, the
officer, and the return to the bank.

Entries are never overwritten: each save names the version and the revision that were on the screen, and a save on top
of somebody else's newer one is ``Stale``. After each change the reviewed score is computed in the same transaction, so
that points on the screen and points in the store never part.
"""
