"""Settings, from ANALYTICS_* in the environment or in .env. Read once at the start and passed down."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

MIN_GROUP_SIZE = 5


class Settings(BaseSettings):
    """Every setting. None means embedded, derived or off, as each setting says."""

    model_config = SettingsConfigDict(env_prefix="ANALYTICS_", env_file=".env", extra="ignore", frozen=True)

    database_url: str | None = None
    """postgresql://user:password@host:port/name; None: an embedded server under data_dir."""
    redis_url: str | None = None
    """redis://…; None: an embedded server under data_dir. Only reports and caches need it."""
    data_dir: Path = Path(".makrcave")
    """The folder of the embedded servers' data."""

    use_mock_data: bool = False
    """Answer from sample data, marked SAMPLE, while a makerspace has no facts or the database is away."""

    report_storage_dir: str = "reports"
    """A folder, or an address that begins with s3://, gs:// or az://. Two databases must not share it."""
    max_report_age_days: int = Field(default=30, ge=1)
    batch_size: int = Field(default=1000, ge=1, le=10_000)
    """Rows in one batch, when recording and when processing."""
    min_group_size: int = Field(default=MIN_GROUP_SIZE, ge=1)
    """Smallest group of people shown to viewers who may not see people; 1 shows every group."""
    smtp_url: SecretStr | None = None
    """smtp://user:password@host:587 or smtps://…; None: no mail is sent."""
    mail_from: str | None = None
    """The sender of mail."""
    webhook_allow_private: bool = False
    """Whether webhooks may use private addresses and plain http."""
    event_retention_days: int | None = Field(default=None, ge=1)
    """How long raw events are kept; their counts stay. None: for ever."""

    jwt_secret: SecretStr | None = None
    """Key of HS256 tokens, at least 32 bytes."""
    jwks_url: str | None = None
    """Address of the key set that verifies RS256 and ES256 tokens."""
    issuer: str | None = None
    audience: str | None = None
    secret: SecretStr | None = None
    """Key material for signatures of downloads and cursors, and for pseudonyms; None: derived from jwt_secret."""

    allowed_origins: tuple[str, ...] = ()
    public_url: str | None = None
    """Base of absolute links; None: the address of the request."""
    log_file: Path | None = None
