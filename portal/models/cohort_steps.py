"""What happens to people in a cohort: meetings, choices on pairs, promised jobs."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, LabelledEnum, WithDates, WithId, WithPublicId, enum_type
from portal.models.hubs import Cohort, CohortMembership, EmployerCommitment
from portal.text import N_


class CohortMeeting(WithPublicId, WithDates, Base):
    """An information meeting of a cohort."""

    __tablename__ = "cohort_meeting"
    __table_args__ = (
        UniqueConstraint("cohort_id", "on", "start_hour"),
        CheckConstraint("capacity >= 1", name="capacity"),
    )

    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"), index=True)
    on: Mapped[date]
    start_hour: Mapped[str] = mapped_column(String(5))
    end_hour: Mapped[str | None] = mapped_column(String(5))
    place: Mapped[str]
    capacity: Mapped[int]
    held: Mapped[bool] = mapped_column(default=False)

    cohort: Mapped[Cohort] = relationship(back_populates="meetings")
    bookings: Mapped[list[MeetingBooking]] = relationship(back_populates="meeting")


class BookingState(LabelledEnum):
    """Where a person stands for a meeting."""

    INVITED = "invited", N_("invitée")
    BOOKED = "booked", N_("inscrite")
    PRESENT = "present", N_("présente")
    ABSENT = "absent", N_("absente")
    EXCUSED = "excused", N_("excusée")


class MeetingBooking(WithPublicId, WithDates, Base):
    """A person invited to a meeting; ``again`` marks the one automatic second invitation."""

    __tablename__ = "meeting_booking"
    __table_args__ = (UniqueConstraint("meeting_id", "membership_id"),)

    meeting_id: Mapped[int] = mapped_column(ForeignKey("cohort_meeting.id"))
    membership_id: Mapped[int] = mapped_column(
        ForeignKey("cohort_membership.id", ondelete="CASCADE"), index=True
    )
    state: Mapped[BookingState] = mapped_column(
        enum_type(BookingState), default=BookingState.INVITED
    )
    again: Mapped[bool] = mapped_column(default=False)

    meeting: Mapped[CohortMeeting] = relationship(back_populates="bookings")
    membership: Mapped[CohortMembership] = relationship()


class PairChoice(LabelledEnum):
    """What the coordinator or one of the two sides said of a pair."""

    PINNED = "pinned", N_("retenue")
    FORBIDDEN = "forbidden", N_("écartée")
    PERSON_REFUSES = "person_refuses", N_("la personne refuse")
    EMPLOYER_REFUSES = "employer_refuses", N_("l’employeur refuse")
    PERSON_WISHES = "person_wishes", N_("la personne souhaite")
    EMPLOYER_WISHES = "employer_wishes", N_("l’employeur souhaite")


class CohortPair(WithId, WithDates, Base):
    """A choice on a person and an employer's commitment, for immersions or for jobs."""

    __tablename__ = "cohort_pair"
    __table_args__ = (UniqueConstraint("membership_id", "commitment_id", "purpose", "choice"),)

    membership_id: Mapped[int] = mapped_column(
        ForeignKey("cohort_membership.id", ondelete="CASCADE")
    )
    commitment_id: Mapped[int] = mapped_column(ForeignKey("employer_commitment.id"))
    purpose: Mapped[str] = mapped_column(String(10))
    choice: Mapped[PairChoice] = mapped_column(enum_type(PairChoice))
    wave: Mapped[int | None]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

    membership: Mapped[CohortMembership] = relationship()
    commitment: Mapped[EmployerCommitment] = relationship()


class JobPromise(WithPublicId, WithDates, Base):
    """A promised job given to a person before the end of the training."""

    __tablename__ = "job_promise"
    __table_args__ = (UniqueConstraint("membership_id"),)

    membership_id: Mapped[int] = mapped_column(
        ForeignKey("cohort_membership.id", ondelete="CASCADE")
    )
    commitment_id: Mapped[int] = mapped_column(ForeignKey("employer_commitment.id"), index=True)
    promised_on: Mapped[date]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

    membership: Mapped[CohortMembership] = relationship()
    commitment: Mapped[EmployerCommitment] = relationship()
