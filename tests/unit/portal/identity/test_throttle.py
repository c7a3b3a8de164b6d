from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from portal.identity.throttle import network_of, wait_after


@given(failures=st.integers(0, 10_000), allowed=st.integers(1, 100))
def test_the_wait_grows_with_each_failure_and_has_an_end(failures: int, allowed: int):
    wait, longer = wait_after(failures, allowed), wait_after(failures + 1, allowed)
    assert timedelta(0) <= wait <= longer <= timedelta(minutes=15)
    assert (wait > timedelta(0)) == (failures >= allowed)


@given(st.ip_addresses(v=6), st.integers(0, 2**64 - 1))
def test_whoever_holds_a_network_of_ipv6_is_one_source(address, suffix: int):
    neighbour = type(address)((int(address) >> 64 << 64) | suffix)
    assert network_of(str(address)) == network_of(str(neighbour))


@given(st.ip_addresses(v=4), st.ip_addresses(v=4))
def test_an_address_of_ipv4_is_one_source(one, other):
    assert (network_of(str(one)) == network_of(str(other))) == (one == other)


def test_what_is_no_address_is_a_source_as_it_is():
    assert network_of("") == ""
    assert network_of("testclient") == "testclient"
