"""The public check: whether a document with this number and digest was issued here, for anybody, without signing in."""
