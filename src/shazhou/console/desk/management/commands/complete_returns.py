"""Completes the approvals and withdrawals that a crash left half done, and opens the rounds of today."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from shazhou.console.desk.approval import complete_all
from shazhou.console.evidence import reporting


class Command(BaseCommand):
    """``python -m django complete_returns``, once a day; `shazhou serve` does the same before it starts."""

    help = "Complete what a crash left half done, and open the rounds of today. 完成中断的审核，登记应报送名单"

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints one line for each."""
        for done in complete_all():
            self.stdout.write(f"{done.collection} {done.entity} {done.period}: {done.state}")
        for opened in reporting.open_rounds(reporting.today()):
            self.stdout.write(f"{opened.id}: {opened.count}")
