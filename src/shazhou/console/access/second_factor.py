"""The second factor at sign-in: a code that an app on the person's own phone computes from a secret and the time
(RFC 6238). Whoever has set one up is asked for it; an administrator takes it off where the phone is lost."""

from __future__ import annotations

import base64
import io

from django.db import transaction
from django.http import HttpRequest
from django_otp import login as verified_in
from django_otp import verify_token
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp.qr import write_qrcode_image

from shazhou.console.access.audit import log
from shazhou.console.access.models import Person


def device_of(person: Person) -> TOTPDevice | None:
    """The device that a person is asked for at sign-in, or None where they have set none up."""
    return TOTPDevice.objects.filter(user=person, confirmed=True).first()


def begin(person: Person) -> TOTPDevice:
    """A device with a new secret, which counts only once the person has proved that they hold it."""
    with transaction.atomic():
        TOTPDevice.objects.filter(user=person, confirmed=False).delete()
        return TOTPDevice.objects.create(user=person, name="phone", confirmed=False)


def begun(person: Person) -> TOTPDevice | None:
    """The device that a person has begun to set up."""
    return TOTPDevice.objects.filter(user=person, confirmed=False).first()


def accepts(device: TOTPDevice, code: str) -> bool:
    """Whether a code is right now; each is right once, and after wrong ones there is a time of waiting."""
    return verify_token(device.user, device.persistent_id, code.replace(" ", "")) is not None


def confirm(request: HttpRequest, device: TOTPDevice, code: str) -> bool:
    """Puts a device into use, in place of any before, where the code is right; the session goes on as a proved one."""
    if not accepts(device, code):
        return False
    with transaction.atomic():
        TOTPDevice.objects.filter(user=device.user).exclude(pk=device.pk).delete()
        TOTPDevice.objects.filter(pk=device.pk).update(confirmed=True)
        log(request, "second factor changed", device.user.username, change="set up")
    verified_in(request, device)
    return True


def remove(person: Person, by: HttpRequest | None) -> None:
    """Takes the second factor off, where there is one."""
    with transaction.atomic():
        gone, _ = TOTPDevice.objects.filter(user=person).delete()
        if gone:
            log(by, "second factor changed", person.username, change="removed")


def secret(device: TOTPDevice) -> str:
    """The secret as it is typed into an app: base32 in groups of four."""
    text = base64.b32encode(device.bin_key).decode()
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def picture(device: TOTPDevice) -> str:
    """The secret as a QR code, as the address of an image that is its own content."""
    drawn = io.BytesIO()
    write_qrcode_image(device.config_url, drawn)
    return "data:image/svg+xml;base64," + base64.b64encode(drawn.getvalue()).decode()
