"""What :mod:`scipy.spatial` has beside what has a rule here, each name with its word."""

import scipy.spatial as _scipy

from dualrev.scipy.rest import Rest

__all__ = ["REST"]

REST = Rest(
    _scipy,
    bodies="Rectangle SphericalVoronoi procrustes",
    constant="convex_hull_plot_2d delaunay_plot_2d tsearch voronoi_plot_2d",
)
