"""Filters over metadata: a small language, the same as JSON, and the tree that both stand for.

year >= 1990 and genre in (Drama, "Science Fiction") and not title contains war

    filter  := all ("or" all)*
    all     := one ("and" one)*
    one     := "not" one | "(" filter ")" | clause
    clause  := field ("=" | "!=" | "<" | "<=" | ">" | ">=") value
             | field ["not"] "contains" value
             | field ["not"] "in" "(" value ("," value)* ")"
    field   := a name of letters, digits, dots, dashes and underscores | `any name`
    value   := a word | "a text" | 'a text'

Within quotes a backslash keeps a quote or a backslash from its work. Keywords may be in capitals. What a value is
compared as, `reading` says; docs/filters.md has it all for users.
"""

from search.retrieve.where.grammar import parse
from search.retrieve.where.tree import And, Clause, Not, OneOf, Op, Or, Value, Where
from search.retrieve.where.wire import from_json, to_json

__all__ = ["And", "Clause", "Not", "OneOf", "Op", "Or", "Value", "Where", "from_json", "parse", "to_json"]
