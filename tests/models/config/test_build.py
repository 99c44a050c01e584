"""The options of a build, as they are given and written."""

from __future__ import annotations

import json

from dockerapi.models.config import (
    BuildOptions,
)


def test_a_build_without_options_asks_for_nothing():
    assert BuildOptions().to_query() == {}
    assert BuildOptions(builder="classic").to_query() == {}
    assert BuildOptions(builder="buildkit").to_query() == {"version": "2"}


def test_buildkit_takes_what_it_does():
    made = BuildOptions(
        builder="buildkit",
        rm=True,
        force_rm=True,
        network_mode="none",
        shm_size="1m",
        ulimits=["nofile=1:2"],
        extra_hosts={"a": "10.0.0.1"},
        isolation="default",
    )
    assert made.to_query() == {
        "rm": True,
        "forcerm": True,
        "networkmode": "none",
        "shmsize": 1048576,
        "ulimits": '[{"Name": "nofile", "Soft": 1, "Hard": 2}]',
        "extrahosts": ["a:10.0.0.1"],
        "isolation": "default",
        "version": "2",
    }


def test_every_option_of_a_build_has_its_name_in_the_query():
    made = BuildOptions(
        no_cache=True,
        pull=True,
        quiet=False,
        rm=False,
        force_rm=True,
        build_args={"A": "1", "B": None, "C": 2},
        labels=["a"],
        target="stage",
        platform="linux/arm64",
        cache_from=["app:1", "host:5000/app"],
        squash=False,
        memory="64m",
        memory_swap=-1,
        cpu_shares=512,
        cpu_period=100000,
        cpu_quota=50000,
        cpuset_cpus="0-1",
        cpuset_mems="0",
        cgroup_parent="/group",
        ulimits=["nofile=1:2"],
        shm_size="1m",
        network_mode="none",
        extra_hosts={"db": "10.0.0.2"},
        security_opt=["seccomp=unconfined"],
        isolation="default",
        extra={"newer": "[]"},
    )
    query = made.to_query()
    assert json.loads(query.pop("cachefrom")) == ["app:1", "host:5000/app"]
    assert json.loads(query.pop("ulimits")) == [{"Name": "nofile", "Soft": 1, "Hard": 2}]
    assert query == {
        "nocache": True,
        "pull": True,
        "q": False,
        "rm": False,
        "forcerm": True,
        "buildargs": {"A": "1", "B": None, "C": "2"},
        "labels": {"a": ""},
        "target": "stage",
        "platform": "linux/arm64",
        "squash": False,
        "memory": 67108864,
        "memswap": -1,
        "cpushares": 512,
        "cpuperiod": 100000,
        "cpuquota": 50000,
        "cpusetcpus": "0-1",
        "cpusetmems": "0",
        "cgroupparent": "/group",
        "shmsize": 1048576,
        "networkmode": "none",
        "extrahosts": ["db:10.0.0.2"],
        "securityopt": ["seccomp=unconfined"],
        "isolation": "default",
        "newer": "[]",
    }
