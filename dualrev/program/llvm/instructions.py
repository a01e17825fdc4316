"""Instructions: what an elementwise function is in LLVM's language, and the writer of such text.

Owns the functions that are a few instructions, exact as NumPy's.  Must not know kernels.

Everything that IEEE defines is rounded as it says: no reordering, no contraction, as LLVM does by
itself.  One text serves numbers and vectors: only the types differ.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

__all__ = ["INSTRUCTIONS", "MEMORY", "Writer"]


class Memory(NamedTuple):
    """How a kind of element lies in memory: LLVM's type, that in names of functions, bytes."""

    type: str
    name: str
    size: int


MEMORY = {
    "f8": Memory("double", "f64", 8),
    "f4": Memory("float", "f32", 4),
    "b1": Memory("i8", "i8", 1),
    **{f"{k}{n}": Memory(f"i{8 * n}", f"i{8 * n}", n) for k in "iu" for n in (1, 2, 4, 8)},
}


class Writer:
    """Text of a module, line by line.

    Attributes
    ----------
    lanes : int
        Numbers in a vector; 0 for single numbers.
    """

    def __init__(self):
        self.lanes = 0
        self._lines: list = []
        self._declared: set = set()
        self._count = 0

    def text(self):
        return "\n".join([*sorted(self._declared), *self._lines])

    def line(self, *lines):
        self._lines += lines

    def new(self, what="%v"):
        self._count += 1
        return f"{what}{self._count}"

    def do(self, instruction):
        """The name of what an instruction answers."""
        self._count += 1
        name = f"%v{self._count}"
        self._lines.append(f"{name} = {instruction}")
        return name

    def type(self, kind):
        """The type of a value in a register, where a bool is one bit."""
        return self._wide("i1" if kind == "b1" else MEMORY[kind].type)

    def _wide(self, one):
        return f"<{self.lanes} x {one}>" if self.lanes else one

    def constant(self, kind, number):
        one = "i1" if kind == "b1" else MEMORY[kind].type
        if not self.lanes:
            return str(number)
        return f"<{', '.join([f'{one} {number}'] * self.lanes)}>"

    def intrinsic(self, name, kind, *given):
        """The answer of a function of LLVM's own whose arguments and answer are of one kind."""
        type_, memory = self.type(kind), MEMORY[kind]
        code = f"v{self.lanes}{memory.name}" if self.lanes else memory.name
        function = f"@llvm.{name}.{code}"
        self._declared.add(f"declare {type_} {function}({', '.join([type_] * len(given))})")
        return self.do(f"call {type_} {function}({', '.join(f'{type_} {x}' for x in given)})")

    # -- addresses

    def word(self, array, k):
        """The place of the k-th word."""
        return self.do(f"getelementptr i64, ptr {array}, i64 {k}") if k else array

    def at(self, place, offset):
        return self.do(f"getelementptr i8, ptr {place}, i64 {offset}")

    def lane_offsets(self, step):
        """How far each lane is from the first, for elements so many bytes apart."""
        numbers = ", ".join(f"i64 {k}" for k in range(self.lanes))
        steps = self._spread("i64", step)
        return self.do(f"mul <{self.lanes} x i64> {steps}, <{numbers}>")

    def apart(self, place, offsets):
        """The places of lanes at these offsets."""
        return self.do(f"getelementptr i8, ptr {place}, <{self.lanes} x i64> {offsets}")

    def mask(self, left):
        """The lanes that are among so many first."""
        numbers = ", ".join(f"i64 {k}" for k in range(self.lanes))
        return self.do(f"icmp ugt <{self.lanes} x i64> {self._spread('i64', left)}, <{numbers}>")

    # -- memory

    def load(self, kind, place, mask=None, apart=False):
        """The value at a place; ``apart`` where there is a place for each lane."""
        type_ = self._wide(MEMORY[kind].type)
        if apart or mask:
            verb = "gather" if apart else "load"
            value = self._masked(f"{type_} @llvm.masked.{verb}", kind, place, mask, apart)
        else:
            value = self.do(f"load {type_}, ptr {place}, align 1")
        if kind == "b1":
            return self.do(f"icmp ne {type_} {value}, {self._zero()}")
        return value

    def store(self, kind, value, place, mask=None, apart=False):
        type_ = self._wide(MEMORY[kind].type)
        if kind == "b1":
            value = self.do(f"zext {self._wide('i1')} {value} to {type_}")
        if apart or mask:
            verb = "scatter" if apart else "store"
            self._masked(f"void @llvm.masked.{verb}", kind, place, mask, apart, value)
        else:
            self.line(f"store {type_} {value}, ptr {place}, align 1")

    def _masked(self, function, kind, place, mask, apart, stored=None):
        memory = MEMORY[kind]
        type_ = self._wide(memory.type)
        places, code = (f"<{self.lanes} x ptr>", f"v{self.lanes}p0") if apart else ("ptr", "p0")
        bits = f"<{self.lanes} x i1>"
        function = f"{function}.v{self.lanes}{memory.name}.{code}"
        given = [
            (places, place),
            ("i32", "1"),
            (bits, mask or f"<{', '.join(['i1 true'] * self.lanes)}>"),
        ]
        given = [(type_, stored), *given] if stored else [*given, (type_, "zeroinitializer")]
        self._declared.add(f"declare {function}({', '.join(part for part, _ in given)})")
        call = f"call {function}({', '.join(map(' '.join, given))})"
        return self.line(call) if stored else self.do(call)

    def load_spread(self, kind, place):
        """The one value at a place, in each lane."""
        memory = MEMORY[kind]
        value = self._spread(memory.type, self.do(f"load {memory.type}, ptr {place}, align 1"))
        if kind == "b1":
            return self.do(f"icmp ne {self._wide('i8')} {value}, {self._zero()}")
        return value

    def _spread(self, one, value):
        wide = f"<{self.lanes} x {one}>"
        first = self.do(f"insertelement {wide} poison, {one} {value}, i64 0")
        return self.do(
            f"shufflevector {wide} {first}, {wide} poison, <{self.lanes} x i32> zeroinitializer"
        )

    def _zero(self):
        return "zeroinitializer" if self.lanes else "0"


# ------------------------------------------------------------------------------ functions


class Instruction(NamedTuple):
    """A function in instructions.

    Attributes
    ----------
    takes : callable
        Whether it is one for arguments and answer of these kinds.
    write : callable
        Writes it: of the writer, the kinds, the arguments' values the answer's.
    """

    takes: Callable
    write: Callable


INSTRUCTIONS: dict = {}


def _of(function, families, answer=None):
    """Declare a function of arguments of one kind, of these families, with an answer of that kind."""

    def takes(kinds):
        *given, last = kinds
        return (
            len(set(given)) == 1
            and last == (answer or given[0])
            and (given[0] == "b1" or given[0][0] in families)
            and (given[0] != "b1" or "b" in families)
        )

    def declared(write):
        INSTRUCTIONS[function] = Instruction(takes, write)
        return write

    return declared


def _words(function, f=None, i=None, u=None, b=None, answer=None):
    """Declare a function that is one instruction of two arguments, by the family of its arguments."""
    words = {"f": f, "i": i, "u": u or i, "b": b}
    families = [family for family, word in words.items() if word]

    @_of(function, families, answer)
    def write(w, kinds, given):
        return w.do(f"{words[kinds[0][0]]} {w.type(kinds[0])} {given[0]}, {given[1]}")


_words(np.add, f="fadd", i="add", b="or")
_words(np.subtract, f="fsub", i="sub")
_words(np.multiply, f="fmul", i="mul", b="and")
_words(np.divide, f="fdiv")
_words(np.bitwise_and, i="and", b="and")
_words(np.bitwise_or, i="or", b="or")
_words(np.bitwise_xor, i="xor", b="xor")
_words(np.equal, f="fcmp oeq", i="icmp eq", b="icmp eq", answer="b1")
_words(np.not_equal, f="fcmp une", i="icmp ne", b="icmp ne", answer="b1")
_words(np.less, f="fcmp olt", i="icmp slt", u="icmp ult", b="icmp ult", answer="b1")
_words(np.less_equal, f="fcmp ole", i="icmp sle", u="icmp ule", b="icmp ule", answer="b1")
_words(np.greater, f="fcmp ogt", i="icmp sgt", u="icmp ugt", b="icmp ugt", answer="b1")
_words(np.greater_equal, f="fcmp oge", i="icmp sge", u="icmp uge", b="icmp uge", answer="b1")


def _intrinsic(function, name):
    @_of(function, "f")
    def write(w, kinds, given):
        return w.intrinsic(name, kinds[0], *given)


_intrinsic(np.sqrt, "sqrt")
_intrinsic(np.fabs, "fabs")
_intrinsic(np.floor, "floor")
_intrinsic(np.ceil, "ceil")
_intrinsic(np.trunc, "trunc")
_intrinsic(np.rint, "rint")
_intrinsic(np.copysign, "copysign")


@_of(np.positive, "fiu")
def _positive(w, kinds, given):
    return given[0]


@_of(np.conjugate, "fiu")
def _conjugate(w, kinds, given):
    return given[0]


@_of(np.negative, "fiu")
def _negative(w, kinds, given):
    kind, (x,) = kinds[0], given
    if kind[0] == "f":
        return w.do(f"fneg {w.type(kind)} {x}")
    return w.do(f"sub {w.type(kind)} {w.constant(kind, 0)}, {x}")


@_of(np.square, "fiu")
def _square(w, kinds, given):
    word = "fmul" if kinds[0][0] == "f" else "mul"
    return w.do(f"{word} {w.type(kinds[0])} {given[0]}, {given[0]}")


@_of(np.reciprocal, "f")
def _reciprocal(w, kinds, given):
    return w.do(f"fdiv {w.type(kinds[0])} {w.constant(kinds[0], '1.0')}, {given[0]}")


@_of(np.absolute, "fi")
def _absolute(w, kinds, given):
    kind, (x,) = kinds[0], given
    if kind[0] == "f":
        return w.intrinsic("fabs", kind, x)
    below = w.do(f"icmp slt {w.type(kind)} {x}, {w.constant(kind, 0)}")
    return _choice(w, kind, below, _negative(w, kinds, given), x)


@_of(np.sign, "f")
def _sign(w, kinds, given):
    kind, (x,) = kinds[0], given
    zero, one, minus = (w.constant(kind, number) for number in ("0.0", "1.0", "-1.0"))
    type_ = w.type(kind)
    # a nan stays; the sign of 0.0 and of -0.0 is 0.0
    ans = _choice(w, kind, w.do(f"fcmp oeq {type_} {x}, {zero}"), zero, x)
    ans = _choice(w, kind, w.do(f"fcmp olt {type_} {x}, {zero}"), minus, ans)
    return _choice(w, kind, w.do(f"fcmp ogt {type_} {x}, {zero}"), one, ans)


def _extreme(function, word):
    @_of(function, "fiub")
    def write(w, kinds, given):
        kind, (x, y) = kinds[0], given
        type_ = w.type(kind)
        if kind[0] == "f":  # a nan is the answer, whichever it is
            first = w.do(f"fcmp o{word}e {type_} {x}, {y}")
            nan = w.do(f"fcmp uno {type_} {x}, {x}")
            first = w.do(f"or {w.type('b1')} {first}, {nan}")
        else:
            sign = "s" if kind[0] == "i" else "u"
            first = w.do(f"icmp {sign}{word}e {type_} {x}, {y}")
        return _choice(w, kind, first, x, y)


_extreme(np.maximum, "g")
_extreme(np.minimum, "l")


@_of(np.isnan, "f", answer="b1")
def _isnan(w, kinds, given):
    return w.do(f"fcmp uno {w.type(kinds[0])} {given[0]}, {given[0]}")


@_of(np.isfinite, "f", answer="b1")
def _isfinite(w, kinds, given):
    return _beside_infinity(w, kinds[0], "one", given[0])


@_of(np.isinf, "f", answer="b1")
def _isinf(w, kinds, given):
    return _beside_infinity(w, kinds[0], "oeq", given[0])


def _beside_infinity(w, kind, word, x):
    size = w.intrinsic("fabs", kind, x)
    return w.do(f"fcmp {word} {w.type(kind)} {size}, {w.constant(kind, '0x7FF0000000000000')}")


def _truth(w, kind, x):
    if kind == "b1":
        return x
    word, zero = ("fcmp une", "0.0") if kind[0] == "f" else ("icmp ne", "0")
    return w.do(f"{word} {w.type(kind)} {x}, {w.constant(kind, zero)}")


def _logical(function, word):
    @_of(function, "fiub", answer="b1")
    def write(w, kinds, given):
        x, y = (_truth(w, kinds[0], value) for value in given)
        return w.do(f"{word} {w.type('b1')} {x}, {y}")


_logical(np.logical_and, "and")
_logical(np.logical_or, "or")
_logical(np.logical_xor, "xor")


@_of(np.logical_not, "fiub", answer="b1")
def _logical_not(w, kinds, given):
    x = _truth(w, kinds[0], given[0])
    return w.do(f"xor {w.type('b1')} {x}, {w.constant('b1', 'true')}")


@_of(np.invert, "iub")
def _invert(w, kinds, given):
    ones = w.constant(kinds[0], "true" if kinds[0] == "b1" else -1)
    return w.do(f"xor {w.type(kinds[0])} {given[0]}, {ones}")


def _choice(w, kind, yes, x, y):
    return w.do(f"select {w.type('b1')} {yes}, {w.type(kind)} {x}, {w.type(kind)} {y}")


def _takes_choice(kinds):
    return len(kinds) == 4 and kinds[1] == kinds[2] == kinds[3]


def _where(w, kinds, given):
    condition, x, y = given
    return _choice(w, kinds[3], _truth(w, kinds[0], condition), x, y)


INSTRUCTIONS[np.where] = Instruction(_takes_choice, _where)


def _takes_conversion(kinds):
    # of a float that no integer is, C leaves open what becomes
    source, target = kinds
    return target == "b1" or not (source[0] == "f" and target[0] != "f")


def _converted(w, kinds, given):
    (source, target), (x,) = kinds, given
    if source == target:
        return x
    if target == "b1":
        return _truth(w, source, x)
    narrower = MEMORY[target].size < MEMORY[source].size
    if source[0] == "f":
        word = "fptrunc" if narrower else "fpext"
    elif target[0] == "f":
        word = "sitofp" if source[0] == "i" else "uitofp"
    elif MEMORY[target].size == MEMORY[source].size and source != "b1":
        return x
    else:
        word = "trunc" if narrower and source != "b1" else "sext" if source[0] == "i" else "zext"
    return w.do(f"{word} {w.type(source)} {x} to {w.type(target)}")


INSTRUCTIONS[np.copyto] = Instruction(_takes_conversion, _converted)
