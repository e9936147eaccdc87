"""Events of the trail itself."""

from django.utils.translation import gettext_lazy as _

from .registry import register

register({"audit.data.sealed": _("Rows from before the seals sealed")})
