from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "shazhou.console.desk"
    label = "desk"
