"""Settings shared by every environment. Configuration comes from the environment only.

The table of variables is ``docs/settings.md``; a test compares it with the names read here.
"""

from pathlib import Path

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from scorecard.demo import demo_logins

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parents[2]

# --- Where the data is -----------------------------------------------------------------------------------------------
DATA_DIR = Path(env.str("SCORECARD_DATA_DIR", default=str(BASE_DIR / "var"))).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
RULEBOOK_DIR = BASE_DIR / "scorecard" / "rulebooks"
FIXTURE_DIR = BASE_DIR / "fixtures"

DEBUG = False
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_tables2",
    "django_filters",
    "django_htmx",
    "heroicons",
    "django_include_bootstrap",
    "csp",
    "ninja",
    "scorecard.audit",
    "scorecard.access",
    "scorecard.identity",
    "scorecard.jobs",
    "scorecard.operations",
    "scorecard.inbox",
    "scorecard.saved",
    "scorecard.ui",
    "scorecard.figures",
    "banks",
    "assessments",
    "scorecard.commands",  # after the business, whose ``benchmark`` adds to its own
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "scorecard.audit.middleware.RequestContextMiddleware",
    "scorecard.operations.middleware.RequestMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "scorecard.ui.middleware.LanguageMiddleware",
    "scorecard.ui.admission.AdmissionMiddleware",
    "scorecard.ui.middleware.NulMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "scorecard.ui.middleware.ConfidentialMiddleware",
    "scorecard.ui.middleware.IdleMiddleware",
    "scorecard.access.middleware.RowSecurityMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "scorecard.ui.errors.ErrorPagesMiddleware",
    "scorecard.access.middleware.RefusalMiddleware",
    "assessments.api.views.middleware.TokenMiddleware",
    "scorecard.access.middleware.UrlPolicyMiddleware",
    "scorecard.identity.middleware.SecondFactorMiddleware",
]

ROOT_URLCONF = "scorecard.urls"
WSGI_APPLICATION = "scorecard.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "scorecard.ui.context.frame",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.insert(0, "django.forms")

# --- Database --------------------------------------------------------------------------------------------------------
# SQLite needs WAL, IMMEDIATE transactions and a busy time-out, or concurrent writers fail with "database is locked".
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'scorecard.sqlite3'}")}
DATABASES["default"].setdefault("OPTIONS", {})
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] |= {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA foreign_keys=ON;",
    }
else:
    DATABASES["default"] |= {"CONN_MAX_AGE": env.int("DATABASE_CONN_MAX_AGE", default=60), "CONN_HEALTH_CHECKS": True}
    # A server that is cut off says nothing, and TCP by itself asks for a quarter of an hour: here ten seconds.
    _PATIENCE = {"connect_timeout": 5, "tcp_user_timeout": 10_000, "keepalives_idle": 5, "keepalives_interval": 2}
    DATABASES["default"]["OPTIONS"] = _PATIENCE | {"keepalives_count": 3} | DATABASES["default"]["OPTIONS"]

# --- Background work -------------------------------------------------------------------------------------------------
# Without CELERY_BROKER_URL the broker is a folder (kombu's filesystem transport). It loses the running task when
# the whole worker dies, so the truth is the Job row and the sweeper re-queues what is stale, on either broker.
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="filesystem://localhost//")
BROKER_DIR = DATA_DIR / "broker"
REDIS_OPTIONS: dict[str, object] = {
    "visibility_timeout": 3600,
    "unacked_restore_throttle": 1,
    # A web request that hands work over must not wait for a broker that is away: one attempt, short time-outs, and the
    # sweeper does the rest. (Without max_retries kombu goes on for six seconds.) The worker's reconnecting has no such
    # bound.
    "max_retries": 0,
    "socket_connect_timeout": 2,
    "socket_timeout": 3,
}
if CELERY_BROKER_URL.startswith("filesystem"):
    for _name in ("queue", "control"):
        (BROKER_DIR / _name).mkdir(parents=True, exist_ok=True, mode=0o700)
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {
        "data_folder_in": str(BROKER_DIR / "queue"),
        "data_folder_out": str(BROKER_DIR / "queue"),
        "control_folder": str(BROKER_DIR / "control"),
        "store_processed": False,
        "polling_interval": 0.1,
    }
else:
    CELERY_BROKER_TRANSPORT_OPTIONS = REDIS_OPTIONS
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_ALWAYS_EAGER = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_DEFAULT_QUEUE = "default"
# A publish that fails is not an error: the job row stays queued and the sweeper publishes it again.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TIMEZONE = "Asia/Shanghai"
# Seconds without a heartbeat after which a running job counts as lost, and seconds between two sweeps.
JOB_STALE_SECONDS = env.float("JOB_STALE_SECONDS", default=30.0)
JOB_SWEEP_SECONDS = env.float("JOB_SWEEP_SECONDS", default=5.0)
JOB_MAX_ATTEMPTS = env.int("JOB_MAX_ATTEMPTS", default=5)
# Versions in one part of a round's scoring: one transaction, one sign of life, and what a killed worker does again.
SCORING_SHARD_SIZE = env.int("SCORING_SHARD_SIZE", default=5000)
CELERY_BEAT_SCHEDULE = {
    # A sweep that no worker took before the next one is due is dropped: sweeps must not queue up before the work.
    "sweep-jobs": {
        "task": "scorecard.jobs.sweep",
        "schedule": JOB_SWEEP_SECONDS,
        "options": {"expires": JOB_SWEEP_SECONDS},
    },
    "verify-nightly": {
        "task": "assessments.verify_nightly",
        "schedule": crontab(hour=2, minute=30),
        "options": {"expires": 6 * 3600},
    },
    "retention-nightly": {
        "task": "assessments.retention_nightly",
        "schedule": crontab(hour=4, minute=0),
        "options": {"expires": 6 * 3600},
    },
}
# Goes on where the machine's clock is set back; it looks at that clock once in the time between two sweeps.
CELERY_BEAT_SCHEDULER = "scorecard.jobs.scheduler:Scheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = JOB_SWEEP_SECONDS
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")

# --- Messages: to the inboxes in any case, by e-mail where there is a server (docs/messages.md) -----------------------
EMAIL_HOST = env.str("EMAIL_HOST", default="")  # none: no e-mail is written
EMAIL_PORT = env.int("EMAIL_PORT", default=25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", default="")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", default="")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", default=False)
EMAIL_USE_SSL = env.bool("EMAIL_USE_SSL", default=False)
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=10)  # seconds for each answer of the server
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="")
SITE_URL = env.str("SITE_URL", default="")  # how this site is called from outside: links in e-mails, QR codes
MAIL_GIVE_UP_HOURS = env.int("MAIL_GIVE_UP_HOURS", default=72)
DIGEST_HOUR = env.int("DIGEST_HOUR", default=8)  # of the day in Shanghai
REMIND_HOUR = env.int("REMIND_HOUR", default=9)
# Working days before a bank's last day, and after a notice that is not acknowledged, on which people are reminded.
REMIND_DAYS = env.list("REMIND_DAYS", cast=int, default=[10, 3, 1])
REMIND_ACKNOWLEDGE_DAYS = env.list("REMIND_ACKNOWLEDGE_DAYS", cast=int, default=[3, 7])

# --- Cache: per process; what must be counted across processes, as failed sign-ins, is in the database ---------------
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# --- People ----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "banks.User"
AUTHENTICATION_BACKENDS = ["banks.services.signin.ThrottledBackend"]
SESSION_ENGINE = "scorecard.access.sessions"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
PASSWORD_HASHERS = [
    "scorecard.access.hashers.Argon2id",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"scorecard.ui.passwords.{name}Validator"}
    for name in ("Length", "VariedPassword", "ListedPassword", "OwnWords")
]
# Whether supervisors and signatories work with a second factor alone, and the domain name that passkeys belong to.
REQUIRE_SECOND_FACTOR = env.bool("REQUIRE_SECOND_FACTOR", default=False)
PASSKEY_DOMAIN = env.str("PASSKEY_DOMAIN", default="")
# The office's own identity provider (OpenID Connect), in place of the password: off without an issuer.
OIDC_ISSUER = env.str("OIDC_ISSUER", default="")
OIDC_NAME = env.str("OIDC_NAME", default="")
OIDC_CLIENT_ID = env.str("OIDC_CLIENT_ID", default="")
OIDC_CLIENT_SECRET = env.str("OIDC_CLIENT_SECRET", default="")
OIDC_USERNAME_CLAIM = env.str("OIDC_USERNAME_CLAIM", default="preferred_username")
# The office's own program that is started when an account for emergencies is used.
EMERGENCY_ALERT = env.str("EMERGENCY_ALERT", default="")
# Keys of before: they read what was signed and encrypted with them, and sign nothing new.
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", default=[])
# Failed sign-ins after which the next attempt waits, twice as long with each further one, and the longest wait.
LOGIN_MAX_FAILURES = env.int("LOGIN_MAX_FAILURES", default=8)
LOGIN_LOCK_MINUTES = env.int("LOGIN_LOCK_MINUTES", default=15)
# Reverse proxies of our own in front; so many entries of X-Forwarded-For, from the right, are believed.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
# Seconds without a request, and seconds since the sign-in, after which one must sign in again.
SESSION_IDLE_SECONDS = env.int("SESSION_IDLE_SECONDS", default=3600)
SESSION_COOKIE_AGE = env.int("SESSION_COOKIE_AGE", default=8 * 3600)
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True  # each form and page carries the token; no script reads a cookie
THEME_COOKIE_NAME, DEVICE_COOKIE_NAME, MESSAGES_COOKIE_NAME = "theme", "device", "messages"
MESSAGE_STORAGE = "scorecard.ui.cookies.Messages"
CSRF_FAILURE_VIEW = "scorecard.ui.errors.csrf_failure"

# --- Audit trail: keys and checkpoints stand outside the database (docs/trail.md) -------------------------------------
AUDIT_ORIGIN = env.str("AUDIT_ORIGIN", default="scorecard")
AUDIT_KEY_FILE = env.str("AUDIT_KEY_FILE", default=str(DATA_DIR / "audit-key"))
AUDIT_KEYS_FILE = env.str("AUDIT_KEYS_FILE", default=str(DATA_DIR / "audit-keys.txt"))
AUDIT_CHECKPOINT_FILE = env.str("AUDIT_CHECKPOINT_FILE", default=str(DATA_DIR / "audit-checkpoints.txt"))
AUDIT_CHECKPOINT_SECONDS = env.float("AUDIT_CHECKPOINT_SECONDS", default=0.0)
# Whether a bank's session is kept to the rows of that bank by PostgreSQL itself (docs/trail.md).
ROW_SECURITY = env.bool("ROW_SECURITY", default=False)
DATABASE_ROLE_CHECK = False  # whether a process says in its log that its role may do too much: in production
AUDIT_DRAW_KEY = False  # whether a key is drawn where there is none: in development alone

# --- Backups (docs/operations.md): where sets are kept, and the public key that their secrets are sealed for ----------
BACKUP_DIR = env.str("BACKUP_DIR", default=str(DATA_DIR / "backups"))
BACKUP_KEY_FILE = env.str("BACKUP_KEY_FILE", default=str(DATA_DIR / "backup-key.txt"))
BACKUP_TREES = {
    "issued": DATA_DIR / "documents" / "issued"
}  # folders of files that no row names and nothing makes again

# --- Retention (docs/retention.md): days that a kind of data is kept; 0: for ever -------------------------------------
RETENTION_EVIDENCE_DAYS = env.int("RETENTION_EVIDENCE_DAYS", default=0)
RETENTION_WORKBOOK_DAYS = env.int("RETENTION_WORKBOOK_DAYS", default=0)
RETENTION_JOB_DAYS = env.int("RETENTION_JOB_DAYS", default=0)

# --- Under load: requests that work at a time and that wait, in each web process, and how long they wait --------------
# The web server has more threads than both together, so that one is free to refuse (docs/settings.md, Procfile).
WEB_SLOTS = env.int("WEB_SLOTS", default=4)
WEB_QUEUE = env.int("WEB_QUEUE", default=6)
WEB_WAIT_SECONDS = env.float("WEB_WAIT_SECONDS", default=5.0)

# --- For machines: requests of one token in a minute (docs/api.md) ---------------------------------------------------
API_REQUESTS_PER_MINUTE = env.int("API_REQUESTS_PER_MINUTE", default=600)

# --- Language and time -----------------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [
    BASE_DIR / "scorecard" / "locale",
    *(
        BASE_DIR / "assessments" / "locale" / part
        for part in (
            "filing",
            "documents",
            "workbook",
            "supervision",
            "rounds",
            "trials",
            "money",
            "corrections",
            "messages",
            "measures",
            "meetings",
            "readings",
            "reporting",
            "api",
            "many",
            "seeing",
        )
    ),
]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# --- Static files and uploads ----------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_DIR", default=str(DATA_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Evidence is never served from a public folder: each download goes through a view that checks and records it.
MEDIA_ROOT = DATA_DIR / "evidence"
EXPORT_DIR = DATA_DIR / "exports"  # files of long lists, for a day
DOCUMENT_DIR = DATA_DIR / "documents"  # documents that were set, so that nobody waits for them twice
# A folder with fonts of the office's own (仿宋, 黑体, 小标宋), which go before those of the package.
DOCUMENT_FONT_DIR = env.str("DOCUMENT_FONT_DIR", default="")
# Checks of a document's number and digest that one address may ask for within ten minutes.
PUBLIC_CHECKS = env.int("PUBLIC_CHECKS", default=30)
MEDIA_URL = ""
MAX_UPLOAD_MB = env.int("MAX_UPLOAD_MB", default=20)
CLAMD = env.str("CLAMD", default="")  # where clamd listens, which looks through uploads: a socket's path or host:port
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o600, 0o700

DJANGO_TABLES2_TEMPLATE = "includes/table.html"
DJANGO_TABLES2_PAGE_RANGE = 7

# --- Content security policy: nothing inline, nothing from another host ----------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "frame-src": [SELF],
        "object-src": [NONE],
        "manifest-src": [SELF],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True

# --- What is watched (docs/operations.md): from when on a probe is bad, and who may read metrics ----------------------
HEALTH_CLOCK_SECONDS = env.float("HEALTH_CLOCK_SECONDS", default=2.0)
HEALTH_QUEUE_SECONDS = env.float("HEALTH_QUEUE_SECONDS", default=120.0)
HEALTH_DISK_PERCENT = env.float("HEALTH_DISK_PERCENT", default=10.0)
HEALTH_CHECKPOINT_SECONDS = env.float("HEALTH_CHECKPOINT_SECONDS", default=900.0)
HEALTH_BACKUP_HOURS = env.float("HEALTH_BACKUP_HOURS", default=0.0)
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
METRICS_DIR = env.str("METRICS_DIR", default="")

# Lines of text or of JSON, each with the number of its request and of its job.
LOG_FORMAT = env.str("LOG_FORMAT", default="text")
LOG_REQUESTS = env.bool("LOG_REQUESTS", default=False)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"numbers": {"()": "scorecard.operations.logs.NumbersFilter"}},
    "formatters": {
        "text": {"format": "%(asctime)s %(levelname)s %(name)s%(numbers)s %(message)s"},
        "json": {"()": "scorecard.operations.logs.json_formatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["numbers"]}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}
START_CHECKS = False  # whether a process that finds its settings unsafe refuses to start: in production

# Who signs the notices to banks; without a name they are signed "监管部门" ("The supervisor").
AUTHORITY_NAME = env.str("AUTHORITY_NAME", default="")
# To whom a copy of each letter goes (抄送), and what stands where the seal is put; both kept in each letter.
LETTER_COPIES = env.str("LETTER_COPIES", default="")
LETTER_SEAL = env.str("LETTER_SEAL", default="（印章）")
# The key that signs the PDF of a letter: PKCS#12, its passphrase, and a revocation list that is embedded with it.
LETTER_KEY_FILE = env.str("LETTER_KEY_FILE", default=str(DATA_DIR / "letter-key.p12"))
LETTER_KEY_PASSPHRASE = env.str("LETTER_KEY_PASSPHRASE", default="")
LETTER_CRL_FILE = env.str("LETTER_CRL_FILE", default=str(DATA_DIR / "letter-key.crl"))
LETTER_DRAW_KEY = False  # whether a key is drawn where there is none: in the demonstration alone
AUTHORITY_NAME_EN = env.str("AUTHORITY_NAME_EN", default="")

# The demonstration shows its logins (fixtures/demo/logins.json) on the sign-in page; never on by itself.
DEMO = env.bool("DEMO", default=False)
DEMO_LOGINS = demo_logins() if DEMO else []
