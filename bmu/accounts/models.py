"""People: employees, their user accounts, and the sessions they have open."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bmu.accounts.rules import ROLES, display_name
from bmu.changes.models import Logged, UtcDateTime
from bmu.extensions import db


class Employee(Logged, db.Model):
    """Somebody who works at the firm. `employee_id` (e.g. AC00024) is the key everything refers to (domain §1.3)."""

    __tablename__ = "employees"
    entity = "employees"

    employee_id: Mapped[str] = mapped_column(String(20), unique=True)
    first_name: Mapped[str] = mapped_column(String(100))
    last_name: Mapped[str] = mapped_column(String(100), default="")
    nick_name: Mapped[str | None] = mapped_column(String(50))
    position: Mapped[str] = mapped_column(String(100), default="")
    status: Mapped[str] = mapped_column(String(10), default="active")

    @property
    def display_name(self) -> str:
        """`ชื่อ(ชื่อเล่น)`, or the first name alone (domain §1.3)."""
        return display_name(self.first_name, self.nick_name)


class User(Logged, db.Model):
    """An account. One role (domain §5.1); a user without `employee_id` owns no records."""

    __tablename__ = "users"
    __table_args__ = (CheckConstraint(f"role IN ({', '.join(map(repr, ROLES))})", name="role"),)
    entity = "users"

    username: Mapped[str] = mapped_column(String(50), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    employee_id: Mapped[str | None] = mapped_column(
        String(20), ForeignKey("employees.employee_id", ondelete="SET NULL", onupdate="CASCADE"), index=True
    )
    role: Mapped[str] = mapped_column(String(30))
    status: Mapped[str] = mapped_column(String(10), default="active")
    language: Mapped[str | None] = mapped_column(String(5))
    must_change_password: Mapped[bool] = mapped_column(default=False)
    password_changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_login_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    employee: Mapped[Employee | None] = relationship(
        primaryjoin="User.employee_id == Employee.employee_id", viewonly=True, lazy="joined"
    )


class UserSession(db.Model):
    """One sign-in on one device. Every token names its session; an ended session is the block list.

    `refresh_jti` is the only refresh token still good; the one before it, replaced at `rotated_at`, is heard for a
    few seconds more; any other ends the session (accounts.sessions.rotate).
    """

    __tablename__ = "user_sessions"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(36), ForeignKey("users.id", ondelete="CASCADE"), index=True)
    refresh_jti: Mapped[str] = mapped_column(String(36))
    previous_jti: Mapped[str | None] = mapped_column(String(36))
    rotated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    end_reason: Mapped[str | None] = mapped_column(String(20))
    address: Mapped[str] = mapped_column(String(45), default="")
    agent: Mapped[str] = mapped_column(String(200), default="")


class SignInAttempt(db.Model):
    """A try to sign in, for the throttle and for the record. `bucket` and `network` are what it counts against
    (accounts.throttle). `username` is empty for names nobody has: people type passwords there by mistake."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (
        Index("ix_sign_in_attempts_bucket_at", "bucket", "at"),
        Index("ix_sign_in_attempts_network_at", "network", "at"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    username: Mapped[str] = mapped_column(String(50))
    address: Mapped[str] = mapped_column(String(45))
    bucket: Mapped[str] = mapped_column(String(120))
    network: Mapped[str] = mapped_column(String(45), default="")
    outcome: Mapped[str] = mapped_column(String(20))


class KnownDevice(db.Model):
    """A browser from which somebody has signed in before. Its own tries are counted apart from strangers',
    so nobody can lock a colleague out by guessing (ASVS 6.3.1)."""

    __tablename__ = "known_devices"

    user_id: Mapped[str] = mapped_column(String(36), ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    device_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
