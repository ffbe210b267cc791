from django.apps import AppConfig


class TrailConfig(AppConfig):
    name = "shazhou.console.trail"
    label = "trail"
