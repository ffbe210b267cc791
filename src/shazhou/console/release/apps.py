from django.apps import AppConfig


class ReleaseConfig(AppConfig):
    name = "shazhou.console.release"
    label = "release"
