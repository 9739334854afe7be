"""Reads lines of JSON, an order each, from standard input; prints one line of JSON, and what was refused."""

import collections
import decimal
import sys

import orjson
import pydantic


class Order(pydantic.BaseModel):
    customer: str = pydantic.Field(min_length=1)
    pieces: int = pydantic.Field(gt=0)
    price: decimal.Decimal


def main():
    sums, refused = collections.defaultdict(decimal.Decimal), 0
    for number, line in enumerate(sys.stdin.buffer, 1):
        try:
            order = Order.model_validate(orjson.loads(line))
        except (orjson.JSONDecodeError, pydantic.ValidationError) as error:
            refused += 1
            why = error.errors()[0]["msg"] if isinstance(error, pydantic.ValidationError) else "no JSON"
            print(f"line {number}: {why}", file=sys.stderr)
        else:
            sums[order.customer] += order.pieces * order.price
    print(orjson.dumps(sums, default=str, option=orjson.OPT_SORT_KEYS).decode())
    return 1 if refused else 0
