"""Single sign-on by OpenID Connect: the authority's own identity provider in place of the password. Off without
``OIDC_ISSUER``; it signs nobody up, and the second factor is asked as after a password (``docs/identity.md``).

The authorization code flow with PKCE, state and nonce, by Authlib; the ID token is checked against the provider's keys.
Authlib is loaded where somebody signs in so: an installation without a provider never needs it.
"""

import secrets
import time
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from django.conf import settings

if TYPE_CHECKING:
    from authlib.integrations.requests_client import OAuth2Session

SECONDS = 10  # that the provider may take for an answer
GOOD_FOR = 600  # seconds between leaving for the provider and coming back
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]


class NotSignedIn(Exception):
    """The provider did not say who it is, or what it said does not hold. The words are for the log."""


def enabled() -> bool:
    """Whether there is a provider."""
    return bool(settings.OIDC_ISSUER)


def _session(back: str) -> "OAuth2Session":
    from authlib.integrations.requests_client import OAuth2Session

    session = OAuth2Session(
        settings.OIDC_CLIENT_ID,
        settings.OIDC_CLIENT_SECRET,
        scope="openid profile",
        redirect_uri=back,
        code_challenge_method="S256",
        default_timeout=SECONDS,
    )
    session.max_redirects = 0  # the provider answers itself; what leads elsewhere is refused
    return session


def _get(session: "OAuth2Session", url: str) -> dict[str, Any]:
    answer = session.get(url, withhold_token=True, timeout=SECONDS)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def _provider(session: "OAuth2Session") -> dict[str, Any]:
    """What the provider says of itself; it must name itself as the settings do."""
    issuer = settings.OIDC_ISSUER.rstrip("/")
    if urlsplit(issuer).scheme != "https" and urlsplit(issuer).hostname != "localhost":
        raise NotSignedIn("OIDC_ISSUER is no https address.")
    found = _get(session, f"{issuer}/.well-known/openid-configuration")
    if str(found.get("issuer", "")).rstrip("/") != issuer:
        raise NotSignedIn("The provider calls itself otherwise than OIDC_ISSUER.")
    return found


def leave(back: str) -> tuple[str, dict[str, Any]]:
    """Where the browser is sent, and what the session keeps until it comes back to the address ``back``."""
    from requests import RequestException

    kept: dict[str, Any] = {
        "nonce": secrets.token_urlsafe(24),
        "verifier": secrets.token_urlsafe(48),
        "at": int(time.time()),
    }
    try:
        session = _session(back)
        url, kept["state"] = session.create_authorization_url(
            _provider(session)["authorization_endpoint"], nonce=kept["nonce"], code_verifier=kept["verifier"]
        )
    except (RequestException, ValueError, KeyError) as error:
        raise NotSignedIn(str(error)) from error
    return url, kept


def come_back(back: str, address: str, kept: dict[str, Any] | None) -> str:
    """The user name that the provider vouches for, out of the address with which the browser has come back."""
    from authlib.common.errors import AuthlibBaseError
    from authlib.oidc.core import CodeIDToken
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet
    from requests import RequestException

    if not kept or time.time() - kept["at"] > GOOD_FOR:
        raise NotSignedIn("Nobody of this session has left for the provider, or too long ago.")
    try:
        session = _session(back)
        provider = _provider(session)
        token = session.fetch_token(
            provider["token_endpoint"],
            authorization_response=address,
            state=kept["state"],
            code_verifier=kept["verifier"],
        )
        read = jwt.decode(
            token["id_token"], KeySet.import_key_set(cast(Any, _get(session, provider["jwks_uri"]))), ALGORITHMS
        )
        claims = CodeIDToken(
            read.claims,
            read.header,
            options={
                "iss": {"essential": True, "value": provider["issuer"]},
                "aud": {"essential": True, "value": settings.OIDC_CLIENT_ID},
                "nonce": {"essential": True, "value": kept["nonce"]},
            },
            params={"nonce": kept["nonce"], "client_id": settings.OIDC_CLIENT_ID},
        )
        claims.validate(leeway=60)
        return str(claims[settings.OIDC_USERNAME_CLAIM])
    except (AuthlibBaseError, JoseError, RequestException, ValueError, KeyError, TypeError) as error:
        raise NotSignedIn(f"{type(error).__name__}: {error}") from error
