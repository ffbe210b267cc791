from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "shazhou.console.documents"
    label = "documents"
