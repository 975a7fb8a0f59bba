"""What a person may be allowed to do, as typed words: feature:object:action."""

from enum import StrEnum


class Permission(StrEnum):
    """One thing that a role may allow; which role allows what is in `people.rules`."""

    ACCOUNT_MANAGE = "people:account:manage"
    ACCOUNT_RESET = "people:account:reset"
    PEOPLE_READ = "people:person:read"
    COURSE_WRITE = "content:course:write"
    LOCAL_VALUES_WRITE = "content:local_value:write"
    ENROL_OTHERS = "learning:enrolment:create"
    COMPLETION_READ = "learning:completion:read"
    CERTIFICATE_READ = "certificates:certificate:read"
    CERTIFICATE_REVOKE = "certificates:certificate:revoke"
    ISSUER_WRITE = "certificates:issuer:write"
    AUDIT_READ = "audit:entry:read"
    SYSTEM_READ = "core:job:read"
