from django.utils.translation import gettext_lazy as _

from scorecard.ui.nav import NavItem

NAV = [
    NavItem(
        "work", _("Register of measures"), "measure-list", "clipboard-document-list", order=17, also=("/obligations/",)
    ),
    NavItem("work", _("May this bank?"), "standing", "question-mark-circle", order=18, also=("/lists/",)),
]
