from django.apps import AppConfig


class LookConfig(AppConfig):
    name = "shazhou.console.look"
    label = "look"
