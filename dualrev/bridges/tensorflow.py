"""Functions of NumPy in TensorFlow, and TensorFlow's in dualrev."""

from collections.abc import Callable

import numpy as np

from dualrev import errors
from dualrev.bridges.arguments import Spec, among, bound, chosen, lent, spec_of
from dualrev.bridges.inward import Inward, inward
from dualrev.bridges.outward import outward
from dualrev.bridges.packages import package
from dualrev.errors import name_of

tf = package("tensorflow", "tensorflow")

# AutoGraph, which rewrites Python for tf.function, is not to rewrite this file.
_as_it_is = tf.autograph.experimental.do_not_convert

__all__ = ["from_tensorflow", "to_tensorflow"]


def to_tensorflow(f: Callable, like=None) -> Callable:
    """A function of NumPy as one of TensorFlow, through which tapes differentiate.

    Parameters
    ----------
    f : callable
        Function of arrays, or of structures of arrays, that dualrev differentiates.
    like : optional
        What says shapes and dtypes of the results inside ``tf.function``, in the structure that f
        returns: arrays, numbers, or ``tf.TensorSpec``.  By default f is called once with ones when it is
        traced.

    Returns
    -------
    callable
        With the arguments of f, tensors and variables in the place of arrays; what is neither reaches f
        as it is.  Answers f's results as tensors.  Its derivatives are dualrev's, of any order.

    Notes
    -----
    Inside of ``tf.function`` it is ``tf.numpy_function``, which XLA (``jit_compile=True``) does not
    take.  For a gradient f runs once more, as TensorFlow does not tell beforehand that it will ask.

    Examples
    --------
    >>> import numpy as np, tensorflow as tf
    >>> from dualrev.bridges.tensorflow import to_tensorflow
    >>> energy = to_tensorflow(lambda x: np.sum(np.sin(x) ** 2))
    >>> x = tf.Variable([0.0, np.pi / 4], dtype=tf.float64)
    >>> with tf.GradientTape() as tape:
    ...     y = energy(x)
    >>> tape.gradient(y, x).numpy()
    array([0., 1.])
    """
    return _as_it_is(bound(_in_tensorflow, f, like=like))


@_as_it_is
def _in_tensorflow(f, args, kwargs, like):
    made, tensors = outward(f, args, kwargs, _is_tensor, like=like, spec_of=_spec)
    return made.restored(_apply(made, tensors))


def _is_tensor(x):
    return isinstance(x, tf.Tensor | tf.Variable)


def _apply(outward, tensors):
    tensors = [tf.convert_to_tensor(t) for t in tensors]
    moving = [_is_inexact(t) for t in tensors]

    @_as_it_is
    @tf.custom_gradient
    def call(*tensors):
        answers = _computed(outward, tensors)
        inexact = [_is_inexact(y) for y in answers]

        @_as_it_is
        def gradient(*cts, variables=None):
            if variables:
                raise errors.ArgumentError(
                    f"`{name_of(outward.f)}` reads {variables[0].name}, which is no argument of it: its "
                    "gradient would be lost.",
                    where="",
                    fix="give it the variable as an argument",
                )
            cts = _apply(outward.pull(moving), (*tensors, *chosen(cts, inexact)))
            return among(cts, moving, [None] * len(tensors))

        return answers, gradient

    return call(*tensors)


def _is_inexact(t):
    return t.dtype.is_floating or t.dtype.is_complex


def _computed(outward, tensors):
    if tf.executing_eagerly():
        return [tf.constant(y) for y in outward.results([lent(t) for t in tensors])]
    specs = outward.specs([_spec(t) for t in tensors])

    def call(*arrays):
        return outward.results([lent(x) for x in arrays])

    answers = tf.numpy_function(call, tensors, [tf.as_dtype(y.dtype) for y in specs])
    for y, spec in zip(answers, specs):
        y.set_shape(spec.shape)
    return answers


def _spec(t):
    if not isinstance(t, tf.Tensor | tf.TensorSpec | tf.Variable):
        return spec_of(t)
    return Spec(None if t.shape.rank is None else tuple(t.shape), np.dtype(t.dtype.as_numpy_dtype))


def from_tensorflow(g: Callable) -> Callable:
    """A function of TensorFlow as a primitive of dualrev, in programs of NumPy.

    Parameters
    ----------
    g : callable
        Function of tensors, or of structures of tensors.

    Returns
    -------
    callable
        With the arguments of g, arrays and floating-point numbers in the place of tensors; whole
        numbers, and what is no number, reach g as they are.  Answers g's results as arrays.

    Examples
    --------
    >>> import numpy as np, tensorflow as tf, dualrev as dr
    >>> from dualrev.bridges.tensorflow import from_tensorflow
    >>> softplus = from_tensorflow(tf.math.softplus)
    >>> dr.grad(lambda x: np.sum(softplus(2 * x)))(np.zeros(2))
    array([1., 1.])
    """
    return inward(g, _FromTensorflow)


class _FromTensorflow(Inward):
    adjoint = True

    def is_tensor(self, y):
        return _is_tensor(y)

    def tensor(self, x):
        return tf.constant(x)

    def array(self, y):
        return np.array(y)[()]

    def _under_tape(self, tensors, moving, **options):
        with tf.GradientTape(**options) as tape:
            xs = [tf.identity(t) if m else t for t, m in zip(tensors, moving)]
            for x in chosen(xs, moving):
                tape.watch(x)
            answers = [tf.convert_to_tensor(y) for y in self.g(*xs)]

        def pull(cts):
            ys = list(filter(_is_inexact, answers))
            return tape.gradient(
                ys,
                chosen(xs, moving),
                list(cts),
                unconnected_gradients=tf.UnconnectedGradients.ZERO,
            )

        return answers, pull

    def record(self, tensors, moving):
        return self._under_tape(tensors, moving, persistent=True)

    def vjp(self, tensors, moving, cts):
        return self._under_tape(tensors, moving)[1](cts)

    def jvp(self, tensors, moving, ts):
        xs = [tf.identity(t) if m else t for t, m in zip(tensors, moving)]
        with tf.autodiff.ForwardAccumulator(list(chosen(xs, moving)), list(ts)) as accumulator:
            answers = [tf.convert_to_tensor(y) for y in self.g(*xs)]
        return accumulator.jvp(
            list(filter(_is_inexact, answers)), unconnected_gradients=tf.UnconnectedGradients.ZERO
        )
