"""The scoring engine: pure Python, exact, explained. It imports nothing else of the project and does no I/O except that its
loader reads files.

The calls that other packages make::

    load_rulebook(path) -> Rulebook                      lint(path) -> list[Finding]
    Rulebook.to_json() / Rulebook.from_json(text)        Rulebook.hash
    evaluate(rulebook, case, explain=True) -> Result     evaluate_many(rulebook, frame, ...)
    run_checks(rulebook, case) -> list[CheckFinding]     simulate(rulebook, case, overlay)
    still_needed(rulebook, case) -> dict[str, Need]
    parse_fact(spec, text) -> FactValue                  format_fact(spec, value, lang) -> str
    show(value, digits) -> str                           show_pair(left, right, digits) -> tuple[str, str]
"""
