"""As much of Groovy as the suites' assertions use: calls with values, and closures that look into a record.

Anything else raises `NotInterpretedError`: a script that is half understood proves nothing.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from consumer.conformance.soapui.groovy_values import (
    NotInterpretedError,
    called,
    compared,
    literal,
    part_of,
    text_of_literal,
    truth,
)

_TOKEN = re.compile(
    r"""\s+ | //[^\n]* | /\*.*?\*/
    | (?P<text>'(?:[^'\\\n]|\\.)*' | "(?:[^"\\\n]|\\.)*")
    | (?P<number>\d+(?:\.\d+)?)
    | (?P<name>[A-Za-z_]\w*)
    | (?P<mark>==~|==|!=|<=|>=|&&|\|\||->|\?\.|[-+(){}\[\],.;=<>!:])""",
    re.VERBOSE | re.DOTALL,
)


class Token(NamedTuple):
    """A token: its kind and text."""

    kind: str
    text: str


@dataclass(frozen=True)
class Closure:
    """What stands in braces: a function of one value."""

    tokens: tuple[Token, ...]
    argument: str
    scope: Mapping[str, Any]

    def __call__(self, value: object) -> Any:
        """Return what it makes of a value.

        Raises:
            NotInterpretedError: It holds something that is not understood.
        """
        return Expression(self.tokens, {**self.scope, self.argument: value}).whole()


def tokens(script: str) -> tuple[Token, ...]:
    """Return the tokens of a script, without blanks and comments.

    Raises:
        NotInterpretedError: It holds a character that begins no token that is understood.
    """
    found, at = [], 0
    while at < len(script):
        one = _TOKEN.match(script, at)
        if one is None:
            raise NotInterpretedError(f"{script[at : at + 20]!r}")
        if one.lastgroup:
            found.append(Token(one.lastgroup, one[0]))
        elif "\n" in one[0]:
            found.append(Token("mark", "\n"))
        at = one.end()
    return tuple(found)


class Expression:
    """Reads one expression, and evaluates it while it reads.

    Args:
        found: Its tokens.
        scope: What names stand for; a function is called with values.
    """

    def __init__(self, found: Sequence[Token], scope: Mapping[str, Any]) -> None:
        self._tokens = [one for one in found if one.text != "\n"]
        self._scope = scope
        self._at = 0
        self._passing = 0
        """Above 0 while something is read that is not to be evaluated, as what follows a false and &&."""

    def whole(self) -> Any:
        """Return the value of all of it.

        Raises:
            NotInterpretedError: It is more, or other, than what is understood.
        """
        if self._peek() == "return":
            self._at += 1
        value = self._or()
        while self._peek() == ";":
            self._at += 1
        if self._at < len(self._tokens):
            raise NotInterpretedError(repr(self._peek()))
        return value

    def _or(self) -> Any:
        value = self._and()
        while self._taken("||"):
            value = self._after(self._and, decided=truth(value), outcome=True)
        return value

    def _and(self) -> Any:
        value = self._not()
        while self._taken("&&"):
            value = self._after(self._not, decided=not truth(value), outcome=False)
        return value

    def _after(self, read: Callable[[], Any], *, decided: bool, outcome: bool) -> bool:
        """Read what follows && or ||, and evaluate it unless what stands before it has decided."""
        self._passing += decided
        right = read()
        self._passing -= decided
        return outcome if decided else truth(right)

    def _not(self) -> Any:
        return not truth(self._not()) if self._taken("!") else self._comparison()

    def _comparison(self) -> Any:
        left = self._chain()
        mark = self._peek()
        if mark not in ("==", "!=", "<", ">", "<=", ">=", "==~", "in"):
            return left
        self._at += 1
        right = self._chain()
        return None if self._passing else compared(left, mark, right)

    def _chain(self) -> Any:
        value = self._first()
        while self._peek() in (".", "?."):
            self._at += 1
            name = self._token("name", "text")
            name_text = literal(name.text) if name.kind == "text" else name.text
            calls = self._peek() == "(" or (self._peek() == "{" and isinstance(value, Mapping))
            arguments = self._arguments() if calls else []
            if not self._passing:
                value = called(value, name_text, arguments) if calls else part_of(value, name_text)
        return value

    def _first(self) -> Any:
        if self._taken("("):
            value = self._or()
            self._expect(")")
            return value
        if self._taken("["):
            return self._list()
        if self._peek() == "{":
            return self._closure()
        one = self._token("text", "number", "name")
        if one.kind == "text":
            return "" if self._passing else text_of_literal(one.text, self._scope)
        if one.kind == "number":
            return float(one.text) if "." in one.text else int(one.text)
        if one.text in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[one.text]
        if one.text not in self._scope:
            raise NotInterpretedError(f"the name {one.text}")
        value = self._scope[one.text]
        if self._peek() not in ("(", "{") or not callable(value):
            return value
        arguments = self._arguments()
        return None if self._passing else value(*arguments)

    def _list(self) -> list[Any]:
        values = []
        while not self._taken("]"):
            values.append(self._or())
            self._taken(",")
        return values

    def _arguments(self) -> list[Any]:
        if self._peek() == "{":
            return [self._closure()]
        self._expect("(")
        values = []
        while not self._taken(")"):
            values.append(self._or())
            self._taken(",")
        if self._peek() == "{":  # a closure after the brackets is one more argument
            values.append(self._closure())
        return values

    def _closure(self) -> Closure:
        self._expect("{")
        depth, inside = 1, []
        while depth:
            one = self._token()
            depth += {"{": 1, "}": -1}.get(one.text, 0)
            inside.append(one)
        inside.pop()
        argument = "it"
        if len(inside) > 1 and inside[1].text == "->":
            argument, inside = inside[0].text, inside[2:]
        return Closure(tuple(inside), argument, self._scope)

    def _peek(self) -> str:
        return self._tokens[self._at].text if self._at < len(self._tokens) else ""

    def _taken(self, text: str) -> bool:
        if self._peek() != text:
            return False
        self._at += 1
        return True

    def _expect(self, text: str) -> None:
        if not self._taken(text):
            raise NotInterpretedError(f"{self._peek() or 'its end'!r} where {text!r} was expected")

    def _token(self, *kinds: str) -> Token:
        if self._at >= len(self._tokens) or (kinds and self._tokens[self._at].kind not in kinds):
            raise NotInterpretedError(repr(self._peek() or "its end"))
        self._at += 1
        return self._tokens[self._at - 1]
