from django.apps import AppConfig


class RegistersConfig(AppConfig):
    name = "shazhou.console.registers"
    label = "registers"
