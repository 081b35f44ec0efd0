"""The same behind the second wall, and attacks that are aimed at it: on the machine, which no namespace hides."""

from collections.abc import Iterator

import pytest

from nbjudge.sandbox.walls import LANDLOCK
from tests.support.attacks import ATTACKS
from tests.support.hosts import Host, a_host, check
from tests.support.kernel_attacks import KERNEL, KERNEL_STOPPED_BY
from tests.support.landlock_attacks import AIMED, OTHERWISE
from tests.support.limit_attacks import HIDDEN, HIDDEN_STOPPED_BY
from tests.support.walls import needs

pytestmark = needs(LANDLOCK)
ALL = ATTACKS | HIDDEN | KERNEL
STOPPED_BY = HIDDEN_STOPPED_BY | KERNEL_STOPPED_BY
EXPECTED = {name: (attack.lost, STOPPED_BY.get(name, "")) for name, attack in ALL.items()} | OTHERWISE


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    with a_host(tmp_path_factory.mktemp("host"), LANDLOCK) as host:
        yield host


@pytest.mark.parametrize("name", [*ALL, *AIMED])
def test_an_attack_gets_what_it_earned_and_nothing_else(host: Host, name: str) -> None:
    check(host, (ALL | AIMED)[name].code, *EXPECTED[name])


def test_the_next_submission_is_alone(host: Host) -> None:
    """The same outputs, to the byte, whatever came before."""
    alone = {index: result.outputs for index, result in host.grade()[1].items()}
    host.grade(ATTACKS["module state"].code)
    host.grade(ATTACKS["files for the next"].code)
    host.grade(AIMED["links in place of its folders"].code)
    assert {index: result.outputs for index, result in host.grade()[1].items()} == alone
