"""How often one address may check: counted in the database, so that every web process sees the same number."""

from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from assessments.models import PublicCheck
from scorecard.access.decisions import TooManyAttempts

WINDOW = timedelta(minutes=10)


@transaction.atomic
def count_check(address: str) -> None:
    """Count one check; ``TooManyAttempts`` where the address has had its share of the last ten minutes.

    No event is recorded: nobody is known who asks, nothing is told that is not on the paper, and everybody could make
    the trail grow.
    """
    now, place = timezone.now(), network_of(address)
    PublicCheck.objects.filter(at__lt=now - WINDOW).delete()
    recent = PublicCheck.objects.filter(place=place).order_by("at")
    if recent.count() >= settings.PUBLIC_CHECKS:
        oldest = recent.values_list("at", flat=True).first()
        raise TooManyAttempts((oldest or now) + WINDOW)
    PublicCheck.objects.create(place=place, at=now)


def network_of(address: str) -> str:
    """By what an address is counted: itself, or the /64 of an IPv6 address, which one subscriber has whole. An IPv4
    address that a server with both kinds of sockets writes as ``::ffff:10.0.0.9`` is the IPv4 address.
    """
    try:
        known = ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(known, IPv6Address):
        mapped = known.ipv4_mapped
        return str(mapped) if mapped is not None else str(ip_network(f"{known}/64", strict=False))
    return str(known)
