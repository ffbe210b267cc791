from django.apps import AppConfig


class ReportPagesConfig(AppConfig):
    name = "shazhou.console.report"
    label = "report_pages"
