from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    name = "shazhou.console.evidence"
    label = "evidence"
