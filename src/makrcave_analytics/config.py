"""Settings, from ANALYTICS_* in the environment or in .env. Read once, at the top, and passed down."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

MIN_GROUP_SIZE = 5


class Settings(BaseSettings):
    """Every setting that exists. What is None is embedded, derived or switched off, as its line says."""

    model_config = SettingsConfigDict(env_prefix="ANALYTICS_", env_file=".env", extra="ignore", frozen=True)

    database_url: str | None = None
    """postgresql://user:password@host:port/name; None: an embedded server under data_dir."""
    redis_url: str | None = None
    """redis://…; None: an embedded server under data_dir. Only reports and caches need it."""
    data_dir: Path = Path(".makrcave")
    """Where the embedded servers keep their data."""

    use_mock_data: bool = False
    """Answer from a sample, marked SAMPLE, where a makerspace has no facts or the database is away."""

    report_storage_dir: str = "reports"
    """A folder, or an address that begins with s3://, gs:// or az://; of this database alone."""
    max_report_age_days: int = Field(default=30, ge=1)
    batch_size: int = Field(default=1000, ge=1, le=10_000)
    """Rows of one batch, recorded or processed."""
    min_group_size: int = Field(default=MIN_GROUP_SIZE, ge=1)
    """The fewest people of a group that is shown to those who may not see people; 1: all groups are."""
    smtp_url: SecretStr | None = None
    """smtp://user:password@host:587 or smtps://…; None: nobody is told by mail."""
    mail_from: str | None = None
    """Whom mail comes from."""
    webhook_allow_private: bool = False
    """Whether webhooks may lead to addresses of this network, and by plain http."""
    event_retention_days: int | None = Field(default=None, ge=1)
    """For how long raw events are kept; what was counted of them stays. None: for ever."""

    jwt_secret: SecretStr | None = None
    """Key of HS256 tokens, at least 32 bytes."""
    jwks_url: str | None = None
    """Where the keys of RS256 and ES256 tokens are published."""
    issuer: str | None = None
    audience: str | None = None
    secret: SecretStr | None = None
    """Signs downloads and cursors, makes pseudonyms; None: derived from jwt_secret."""

    allowed_origins: tuple[str, ...] = ()
    public_url: str | None = None
    """Where clients reach the API, for absolute links; None: the address of the request."""
    log_file: Path | None = None
