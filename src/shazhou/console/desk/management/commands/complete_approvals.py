"""Completes the approvals and withdrawals that a crash left half done."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from shazhou.console.desk.approval import complete_all


class Command(BaseCommand):
    """``python -m django complete_approvals``; `shazhou serve` does the same before it starts."""

    help = "Complete approvals and withdrawals that a crash left half done. 完成因故障中断的批准与撤回"

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints one line for each."""
        for done in complete_all():
            self.stdout.write(f"{done.collection} {done.entity} {done.period}: {done.state}")
