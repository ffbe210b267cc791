from django.apps import AppConfig


class LedgerPagesConfig(AppConfig):
    name = "shazhou.console.ledger"
    label = "ledger_pages"
