"""Addresses of the administration."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern

from shazhou.console.access.routing import page
from shazhou.console.access.rules import Action
from shazhou.console.administration import auditing, people, state
from shazhou.console.deployment import Deployment

ONE = "administration/people/<int:person>/"


def metrics_read_by(deployment: Deployment) -> Action:
    """What whoever reads the measurements must be allowed to do."""
    return Action.SEE_PUBLISHED if deployment.open_metrics else Action.READ_METRICS


urlpatterns: list[URLPattern] = [
    page("administration/", auditing.entrance, "administration", Action.READ_AUDIT),
    page("administration/audit/", auditing.audit, "audit", Action.READ_AUDIT),
    page("administration/health/", state.health_page, "administration-health", Action.ADMINISTER),
    page("administration/people/", people.people, "people", Action.ADMINISTER),
    page("administration/people/new/", people.new_person, "new-person", Action.ADMINISTER),
    page(ONE, people.person_page, "person", Action.ADMINISTER),
    page(f"{ONE}details/", people.change_details, "person-details", Action.ADMINISTER),
    page(f"{ONE}roles/", people.give_role, "give-role", Action.ADMINISTER),
    page(f"{ONE}roles/<int:assignment>/take/", people.take_role, "take-role", Action.ADMINISTER),
    page(f"{ONE}deactivate/", people.deactivate_person, "deactivate-person", Action.ADMINISTER),
    page(f"{ONE}activate/", people.activate_person, "activate-person", Action.ADMINISTER),
    page(f"{ONE}password/", people.new_password, "new-password", Action.ADMINISTER),
    page(f"{ONE}second-factor/", people.remove_second_factor, "person-second-factor", Action.ADMINISTER),
    page("health", state.health, "health", Action.SEE_PUBLISHED),
    page("metrics", state.metrics, "metrics", metrics_read_by(settings.DEPLOYMENT)),
]
