from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "shazhou.console.access"
    label = "access"

    def ready(self) -> None:
        """Listens to who signs in and out."""
        from shazhou.console.access import audit

        assert audit
