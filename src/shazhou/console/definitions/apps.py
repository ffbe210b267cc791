from django.apps import AppConfig


class DefinitionsConfig(AppConfig):
    name = "shazhou.console.definitions"
    label = "definitions"
