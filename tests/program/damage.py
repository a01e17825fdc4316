"""Files of saved programs, damaged: by bytes of the file, of its members, and by parts of the program.

Owns how they are damaged and what comes of it.  The first kind is what disks and networks do: the
checksums of the zip see it, so that it is refused or means the same.  In the others they are right,
as in a file that somebody made: it may hold another program, of other numbers, or one that raises.
"""

import copy
import io
import json
import sys
import warnings
import zipfile

import numpy as np

import dualrev as dr


def cut(content, rng):
    return content[: rng.integers(len(content))]


def flipped(content, rng):
    """One bit."""
    out = bytearray(content)
    out[rng.integers(len(out))] ^= 1 << int(rng.integers(8))
    return bytes(out)


def exchanged(content, rng):
    """Two bytes."""
    out, (i, j) = bytearray(content), rng.integers(0, len(content), 2)
    out[i], out[j] = out[j], out[i]
    return bytes(out)


def repeated(content, rng):
    """A section."""
    i, j = np.sort(rng.integers(0, len(content), 2))
    return content[:j] + content[i:]


def without(content, rng):
    """A section less."""
    i, j = np.sort(rng.integers(0, len(content), 2))
    return content[:i] + content[j:]


BYTES = [cut, flipped, exchanged, repeated, without]


def members(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return file.getvalue()


def in_a_member(content, rng):
    """Bytes of one of the two members, under a checksum that is right."""
    parts = members(content)
    name = list(parts)[rng.integers(len(parts))]
    return zipped(parts | {name: BYTES[rng.integers(len(BYTES))](parts[name], rng)})


NUMBERS = [0, 1, -1, 2, 3, 5, 8, 64, 10**6, 2**31, 2**62, -(2**63), 2**64]


def places(x):
    """Where the parts of a program stand: containers and keys."""
    for key, part in x.items() if type(x) is dict else enumerate(x) if type(x) is list else ():
        yield x, key
        yield from places(part)


def in_its_parts(content, rng):
    """Numbers, steps, arrays and names exchanged, repeated, left out, or others."""
    parts = members(content)
    program = json.loads(parts["program.json"])
    everywhere = list(places(program))
    (x, i), (y, j) = (everywhere[k] for k in rng.integers(0, len(everywhere), 2))
    part, other = copy.deepcopy((x[i], y[j]))
    how = rng.integers(5)
    if type(part) is int and how < 2:
        x[i] = NUMBERS[rng.integers(len(NUMBERS))] if how else part + 8 * int(rng.choice([-1, 1]))
    elif type(x) is list and how == 2:
        x.insert(i, part)
    elif type(x) is list and how == 3:
        del x[i]
    else:
        x[i], y[j] = other, part
    return zipped(parts | {"program.json": json.dumps(program).encode()})


KINDS = {kind.__name__: kind for kind in (*BYTES, in_a_member, in_its_parts)}

# ---------------------------------------------------------------------------- what comes of it


def outcome(content, x, expected, engine):
    """What comes of a file: "refused", "same", "another" answer, or an "error" when it is called.

    Whatever is in it, loading raises ProgramError alone.
    """
    try:
        program = dr.load_program(io.BytesIO(content), engine=engine)
    except dr.ProgramError:
        return "refused"
    try:
        found = program(x)
    except Exception:
        return "error"
    leaves = zip(expected, found, strict=False)
    same = type(found) is type(expected) and all(np.array_equal(e, a) for e, a in leaves)
    return "same" if same and len(found) == len(expected) else "another"


def main(path, engine, count, seed):
    """Damage the programs of a file of them ``count`` times; print the outcomes as JSON.

    What a crash or a hang has met lies beside that file.
    """
    warnings.simplefilter("ignore")
    with np.load(path) as held:
        x, contents = held["x"], [held[name].tobytes() for name in held if name != "x"]
    programs = [(c, dr.load_program(io.BytesIO(c), engine=engine)(x)) for c in contents]
    rng, outcomes = np.random.default_rng(int(seed)), {}
    for k in range(int(count)):
        kind = list(KINDS)[k % len(KINDS)]
        content, expected = programs[rng.integers(len(programs))]
        content = KINDS[kind](content, rng)
        with open(f"{path}.{engine}.last", "wb") as file:
            file.write(content)
        key = f"{kind}: {outcome(content, x, expected, engine)}"
        outcomes[key] = outcomes.get(key, 0) + 1
    print(json.dumps(outcomes))


if __name__ == "__main__":
    main(*sys.argv[1:])
