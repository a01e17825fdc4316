"""What tests/speed.compare calls slower."""

import json

import pytest

from tests.speed.__main__ import summary
from tests.speed.compare import compare, main


def run(*ratios):
    return summary([(ratio, 1e-3) for ratio in ratios])


def test_slower_is_by_more_than_the_limit_and_beyond_both_spreads():
    old = {name: run(9.8, 10.0, 10.2) for name in ("same", "little", "spread", "much", "most")}
    new = {
        "same": run(9.9, 10.1, 10.0),
        "little": run(10.7, 10.8, 10.9),
        "spread": run(8.0, 12.0, 14.0),
        "much": run(11.2, 11.3, 11.5),
        "most": run(19.0, 20.0, 21.0),
    }
    assert compare(old, new) == (["most", "much"], [], [], [])
    assert compare(new, old) == ([], ["most", "much"], [], [])
    assert compare(old, new, limit=0.5).slower == ["most"]


def test_what_one_run_has_alone_is_named_and_not_slower():
    assert compare({"a": run(1), "b": run(1)}, {"b": run(1), "c": run(9)}) == ([], [], ["a"], ["c"])


@pytest.mark.parametrize(("ratio", "status"), [(10.0, 0), (15.0, 1), (5.0, 0)])
def test_status_says_whether_something_became_slower(ratio, status, tmp_path, capsys):
    paths = [tmp_path / name for name in ("old.json", "new.json")]
    for path, found in zip(paths, (10.0, ratio)):
        path.write_text(json.dumps({"machine": "ours", "cases": {"a case": run(found)}}))
    assert main([*map(str, paths)]) == status
    assert ("a case" in capsys.readouterr().out) == (ratio != 10.0)
