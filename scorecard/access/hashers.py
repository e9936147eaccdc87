"""How passwords are kept."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2id(Argon2PasswordHasher):
    """Argon2id with the least parameters of OWASP's password storage cheat sheet: 19 MiB, two passes, one lane.

    One check takes about 25 ms of a processor where PBKDF2 with Django's count takes 226 ms: on the last day thousands
    of signatories type their password within minutes. A password that was kept otherwise is kept again at its next use.
    """

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
