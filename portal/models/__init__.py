"""Every table, one file per family. Feature packages import names from here.

Its imports are what it exports (pyproject.toml says so to the type checker).
"""

from __future__ import annotations

from portal.models.base import (
    Base,
    LabelledEnum,
)
from portal.models.cohort_steps import (
    BookingState,
    CohortMeeting,
    CohortPair,
    JobPromise,
    MeetingBooking,
    PairChoice,
)
from portal.models.doors import (
    DoorLink,
    DoorPass,
    DoorSession,
    EmployerContact,
    LinkPurpose,
    OneTimeCode,
    PassOutcome,
    PersonCode,
    TrustedDevice,
)
from portal.models.enrolments import (
    SEATED_STATES,
    AttendanceWeek,
    BlockResult,
    Enrollment,
    EnrollmentReason,
    EnrollmentState,
    Habilitation,
    HabilitationKind,
)
from portal.models.factors import (
    AccountPasskey,
    AccountSpareCode,
    AccountTotp,
)
from portal.models.hires import (
    FollowUpKind,
    FollowUpResult,
    FollowUpSide,
    Hire,
    HireEndReason,
    HireState,
    JobFollowUp,
)
from portal.models.hubs import (
    COHORT_EXIT_STATES,
    COHORT_SEATED_STATES,
    Cohort,
    CohortMembership,
    CohortPhase,
    CohortState,
    CommitmentReason,
    CommitmentState,
    EmployerCommitment,
    ExitReason,
    ImmersionPlace,
    MembershipState,
    PhaseKind,
    SourcingTarget,
)
from portal.models.immersions import (
    Immersion,
    ImmersionAssessment,
    ImmersionGesture,
    ImmersionObject,
    ImmersionSignature,
    ImmersionState,
    ObjectivesOutcome,
    SignatoryRole,
    SignatureMethod,
)
from portal.models.invitations import (
    FIRST_DAYS,
    AnswerChannel,
    CallReason,
    CallRequest,
    Contestation,
    DayFeeling,
    EmployerNeed,
    EmployerNeedState,
    Invitation,
    InvitationKind,
    InvitationSlot,
    InvitationState,
    LeadAnswer,
    LeadChoice,
)
from portal.models.jobs import (
    DuplicateCandidate,
    DuplicateState,
    ImportKind,
    ImportRejection,
    ImportRun,
    Job,
    JobKind,
    JobState,
    Suggestion,
)
from portal.models.journal import (
    AccessKind,
    AccessLog,
    DomainEvent,
)
from portal.models.messages import (
    MessageChannel,
    MessageKind,
    MessageState,
    OutboxMessage,
    ReceivedSms,
    SmsMeaning,
)
from portal.models.offers import (
    ACTIVE_INTRODUCTION_STATES,
    LIVE_OFFER_STATES,
    AgreementChannel,
    BusinessSignal,
    Confidentiality,
    ContractKind,
    Establishment,
    Introduction,
    IntroductionState,
    JobOffer,
    OfferOrigin,
    OfferRequirement,
    OfferState,
    OfferView,
    OutcomeReason,
    RequirementKind,
    SignalKind,
    SignalState,
)
from portal.models.organisations import (
    Account,
    AccountSession,
    LoginAttempt,
    Membership,
    Organisation,
    OrganisationKind,
    Role,
)
from portal.models.pathways import (
    CURRENT_PATHWAY_STATES,
    BreakdownReason,
    NeedEndReason,
    NeedState,
    Pathway,
    PathwayState,
    PathwayStep,
    ScenarioKind,
    StepKind,
    StepState,
    UnmetNeed,
)
from portal.models.people import (
    RESTRICTED_STATUSES,
    AccessGrant,
    AccessReason,
    Barrier,
    BarrierImpact,
    BarrierState,
    BarrierTheme,
    Contact,
    ContactChannel,
    ContactPreference,
    Interest,
    Person,
    PersonRestricted,
    PersonStatus,
    Referral,
    Sex,
    StatusCode,
    StatusSource,
)
from portal.models.projects import (
    Confidence,
    MajorProject,
    ProjectNeed,
    ProjectTrade,
    ProjectVersion,
)
from portal.models.reference import (
    CredentialType,
    LinkState,
    Occupation,
    OccupationCredential,
    OccupationLink,
    OccupationNeighbour,
    OccupationSkill,
    OccupationTitle,
    ReferenceOrigin,
    ReferenceVersion,
    Skill,
    SkillGroup,
    SkillKind,
    SkillLink,
    TitleKind,
)
from portal.models.removals import REMOVALS_NOTED, IndexGeneration, RowGone
from portal.models.skills import (
    AssertionSource,
    Credential,
    LanguageLevel,
    PastTrade,
    ProofState,
    SkillAssertion,
    SkillLevel,
    SpokenLanguage,
)
from portal.models.territories import (
    Commune,
    CoordinatePrecision,
    Territory,
    TerritoryCommune,
    TerritoryKind,
)
from portal.models.trainings import (
    FactOrigin,
    InfoMeeting,
    ProgramOccupation,
    RecruitmentState,
    Scheme,
    SessionCredential,
    SessionPrerequisite,
    SessionSkill,
    TrainingAction,
    TrainingProgram,
    TrainingSession,
)
