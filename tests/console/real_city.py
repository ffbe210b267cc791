"""The city that ships with the source, and how tests serve the site's files."""

from __future__ import annotations

from pathlib import Path

ZHANGJIAGANG = Path(__file__).parents[2] / "cities" / "zhangjiagang"
PASSWORD = "correct horse battery staple"
PLAIN_FILES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
