import json

from shazhou.city.problem import Problem, Refused, Rule, Where

RULE = Rule("too-big", "{found} is above {high}.", "{found} 大于 {high}。", "Use at most {high}.", "最多为 {high}。")


def test_a_problem_says_what_where_and_how_to_mend_it_in_both_languages() -> None:
    problem = Problem(RULE, Where("a.xlsx", "sheet", 7, "value"), "12", {"high": "10"})
    assert problem.says("en") == "12 is above 10."
    assert problem.says("zh") == "12 大于 10。"
    assert problem.mend("en") == "Use at most 10."
    assert str(problem).splitlines()[0] == "a.xlsx[sheet]:7 value: 12 is above 10. Use at most 10. [too-big]"


def test_a_value_that_looks_like_a_placeholder_stays_what_it_is() -> None:
    assert Problem(RULE, Where("a"), "{high} {low}", {"high": "10"}).says("en") == "{high} {low} is above 10."


def test_a_long_value_is_shortened_in_the_sentence_and_kept_in_the_problem() -> None:
    problem = Problem(RULE, Where("a"), "x" * 1000, {"high": "10"})
    assert len(problem.says("en")) < 200
    assert problem.found == "x" * 1000


def test_a_caret_points_at_the_offset() -> None:
    problem = Problem(RULE, Where("a", text="sum(x", offset=4), "x", {"high": "1"})
    assert str(problem).endswith("\n  sum(x\n      ^")


def test_a_problem_is_ready_for_json() -> None:
    assert json.loads(json.dumps(Problem(RULE, Where("a", row=1)).as_dict()))["rule"] == "too-big"


def test_a_refusal_holds_every_problem() -> None:
    problems = [Problem(RULE, Where("a", row=row)) for row in (1, 2)]
    refused = Refused(iter(problems))
    assert refused.problems == tuple(problems)
    assert str(refused).count("[too-big]") == 2
