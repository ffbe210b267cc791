from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    name = "shazhou.console.indicators"
    label = "indicators"
