"""What hostile submissions get, and what they don't get at, behind the first wall."""

from collections.abc import Iterator

import pytest

from nbjudge.sandbox.walls import NAMESPACES
from tests.support.attacks import ATTACKS
from tests.support.hosts import Host, a_host, check
from tests.support.kernel_attacks import KERNEL, KERNEL_STOPPED_BY
from tests.support.limit_attacks import HIDDEN, HIDDEN_STOPPED_BY
from tests.support.walls import needs

pytestmark = needs(NAMESPACES)
ALL = ATTACKS | HIDDEN | KERNEL
STOPPED_BY = HIDDEN_STOPPED_BY | KERNEL_STOPPED_BY


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    with a_host(tmp_path_factory.mktemp("host"), NAMESPACES) as host:
        yield host


def test_there_are_enough_of_them() -> None:
    assert len(ALL) > 90  # docs/security.md says so


@pytest.mark.parametrize("name", ALL)
def test_an_attack_gets_what_it_earned_and_nothing_else(host: Host, name: str) -> None:
    check(host, ALL[name].code, ALL[name].lost, STOPPED_BY.get(name, ""))


def test_the_next_submission_is_alone(host: Host) -> None:
    """The same outputs, to the byte, whatever came before."""
    alone = {index: result.outputs for index, result in host.grade()[1].items()}
    host.grade(ATTACKS["module state"].code)
    host.grade(ATTACKS["files for the next"].code)
    host.grade(ATTACKS["double fork"].code)
    assert {index: result.outputs for index, result in host.grade()[1].items()} == alone
