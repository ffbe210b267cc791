from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "shazhou.console.api"
    label = "api"
