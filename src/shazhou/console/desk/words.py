"""The words for acts and states, in the language of the request."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Said = str | Promise


class Words(NamedTuple):
    """What an act is called in a history, and what is said when it is done."""

    name: Said
    done: Said


ACTS = {
    "save": Words(_("saved"), _("Saved as a draft.")),
    "submit": Words(_("handed in"), _("Handed in.")),
    "submit to bureau": Words(_("handed in to the bureau"), _("Handed in.")),
    "recall": Words(_("taken back"), _("Taken back; it is a draft again.")),
    "pass": Words(_("checked by the town"), _("Passed on to the bureau.")),
    "send back": Words(_("sent back"), _("Sent back with your reasons.")),
    "approve": Words(_("approved"), _("Approved; the ledger holds it now.")),
    "withdraw": Words(_("withdrawn"), _("Withdrawn.")),
    "finish": Words(_("written into the ledger"), _("Written into the ledger.")),
    "release": Words(_("refused by the ledger"), _("Refused by the ledger.")),
    "correct": Words(_("correction begun"), _("A new revision has begun; change what was wrong and hand it in.")),
    "complete": Words(_("completed"), _("Completed.")),
}

STATES = {
    "draft": _("draft"),
    "submitted": _("waits for the town"),
    "checked": _("waits for the bureau"),
    "returned": _("sent back"),
    "approving": _("being written into the ledger"),
    "approved": _("approved"),
    "withdrawing": _("being withdrawn"),
    "withdrawn": _("withdrawn"),
}
