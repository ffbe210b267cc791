from django.apps import AppConfig


class AdministrationConfig(AppConfig):
    name = "shazhou.console.administration"
    label = "administration"
