"""Mathematical functions, element by element: the ufuncs of numpy."""
import operator
import numpy as np
from dualrev.core.primitive import constant, elementwise

elementwise(np.add, 1, 1, call=operator.add)
elementwise(np.subtract, 1, -1, call=operator.sub)
elementwise(np.multiply, lambda ans, x, y: y, lambda ans, x, y: x, call=operator.mul)
elementwise(np.divide, lambda ans, x, y: 1 / y, lambda ans, x, y: -ans / y, call=operator.truediv, guarded=True)
elementwise(np.power, lambda ans, x, y: y * x ** (y - 1), lambda ans, x, y: ans * np.log(x), call=operator.pow, guarded=True)
elementwise(np.negative, -1, call=operator.neg)
elementwise(np.positive, 1, call=operator.pos)
elementwise(np.sin, lambda ans, x: np.cos(x))
elementwise(np.cos, lambda ans, x: -np.sin(x))
elementwise(np.exp, lambda ans, x: ans)
elementwise(np.sqrt, lambda ans, x: 0.5 / ans, guarded=True)
constant(np.floor, np.isnan, np.equal, np.greater, np.less, np.not_equal)
