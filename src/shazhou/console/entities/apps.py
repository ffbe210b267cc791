from django.apps import AppConfig


class EntitiesConfig(AppConfig):
    name = "shazhou.console.entities"
    label = "entities"
