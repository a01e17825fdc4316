"""Graphs, differentiable by their weights: paths, trees, Laplacians.

Owns the names of ``scipy.sparse.csgraph``.  Must not know any algorithm: what is chosen, an edge or a
path, SciPy chooses by plain numbers, and derivatives are those of the weights that were chosen.
"""

from dualrev.scipy.sparse.csgraph import graphs, paths
from dualrev.scipy.sparse.csgraph.graphs import *
from dualrev.scipy.sparse.csgraph.paths import *
from dualrev.scipy.sparse.csgraph.rest import REST

__all__ = [*graphs.__all__, *paths.__all__, *REST.names]

__getattr__ = REST
