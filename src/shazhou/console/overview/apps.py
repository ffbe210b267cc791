from django.apps import AppConfig


class OverviewConfig(AppConfig):
    name = "shazhou.console.overview"
    label = "overview"
