"""What events seal of second factors: a factor that nobody has added would open somebody's account."""

from scorecard.audit.protection import protect

from .models import Factor

protect(Factor, sealed=("person", "kind", "name", "credential", "public", "created_at"), append_only=False)
