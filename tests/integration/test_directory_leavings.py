"""LDIF as directories write it, loaded with policy full: who is gone is ended, whatever else is there."""

from pathlib import Path

from mapping.sources.report import LoadState
from register.database import Register
from register.tables import employment
from tests.integration.region_files import fill, kept, load_files, told
from tests.records import TODAY

SQLITE_ALONE = True

PROFILE = """
[profile]
name = "t"
title = "T"
[load]
policy = "full"
faulty = "skip"
brake = 100
[[file]]
name = "*.ldif"
record = "staff"
when = { column = "objectClass", values = ["person"] }
[file.fields]
hsa_id = "hsaIdentity"
given_name = "givenName"
surname = "sn"
[[file]]
name = "*.ldif"
record = "employment"
when = { column = "objectClass", values = ["person"] }
[file.fields]
staff = "hsaIdentity"
unit = "unit"
"""


def person(number: int) -> str:
    return (
        f"dn: cn=P{number},ou=X,c=SE\nobjectClass: person\nhsaIdentity: SE2321000131-P{number}\n"
        f"givenName: Bo\nsn: Ek{number}\nunit: SE2321000131-one\n\n"
    )


LEAVINGS = """# search reference
ref: ldap://kommun.example.org/ou=Kommun,c=SE

dn: cn=Group,c=SE
objectClass: group
member;range=0-1499: cn=1
description: a text
that is not folded
jpegPhoto:: no base64!

# search result
search: 2
result: 0 Success

# numResponses: 4
# numReferences: 1
"""


def test_who_is_gone_is_ended_beside_what_is_no_entry(register: Register, tmp_path: Path) -> None:
    fill(register)
    first = load_files(register, tmp_path, PROFILE, {"k.ldif": person(1) + person(2) + LEAVINGS})
    assert (first.state, told(first)) == (LoadState.LOADED, [])

    second = load_files(register, tmp_path, PROFILE, {"k.ldif": person(1) + LEAVINGS})

    assert (second.state, told(second)) == (LoadState.LOADED, [])
    ends = dict(kept(register, employment, "staff_key", "valid_to"))
    assert ends["SE2321000131-P1"] is None
    assert ends["SE2321000131-P2"] is not None
    assert ends["SE2321000131-P2"] <= TODAY
