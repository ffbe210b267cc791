from django.apps import AppConfig


class TelemetryConfig(AppConfig):
    name = "shazhou.console.telemetry"
    label = "telemetry"
