"""The trail's own tables are append-only."""

from .models import Event, Subtree
from .protection import protect

protect(Event)
protect(Subtree)
