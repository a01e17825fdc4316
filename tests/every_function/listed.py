"""Which functions there are: what the public modules of NumPy and SciPy, and our twins, hold."""

import importlib
import inspect
import math
import operator
import pkgutil
import types
import warnings

import numpy as np
import scipy

__all__ = ["NAMESPACES", "functions_in", "is_excluded"]

#: Modules that are not gone through.
_LEFT_OUT = {
    "of texts, types and files": (
        "numpy.char numpy.core numpy.ctypeslib numpy.dtypes numpy.exceptions numpy.lib.format "
        "numpy.lib.introspect numpy.lib.npyio numpy.lib.user_array numpy.rec numpy.strings "
        "numpy.typing numpy.version scipy.datasets scipy.io scipy.misc scipy.version"
    ),
    "of tools that compile, and of tests": "numpy.distutils numpy.f2py numpy.testing",
    "deprecated, or for compiled code": (
        "numpy.matlib numpy.matrixlib scipy.odr scipy.special.cython_special scipy.linalg.cython_blas "
        "scipy.linalg.cython_lapack scipy.optimize.cython_optimize scipy.fftpack.convolve"
    ),
    "the same functions again": "numpy.random.mtrand scipy.stats.distributions",
    "masks, which a traced array does not have": "numpy.ma",
}
_MODULES_LEFT_OUT = {name for names in _LEFT_OUT.values() for name in names.split()}

#: Names that are not called.
_NOT_CALLED = {
    "reads, writes or prints": (
        "DataSource debug_print dump dumps fromfile fromregex from_dlpack genfromtxt info load "
        "load_npz loadtxt memmap open_memmap save save_npz savetxt savez savez_compressed show "
        "show_config show_options show_runtime tofile"
    ),
    "draws": (
        "boxcox_normplot convex_hull_plot_2d delaunay_plot_2d dendrogram plot ppcc_plot probplot "
        "set_link_color_palette voronoi_plot_2d"
    ),
    "changes settings": (
        "bit_generator errstate get_blas_funcs get_include printoptions register_backend seed "
        "set_backend set_bit_generator set_global_backend set_printoptions set_state set_workers "
        "setbufsize seterr seterrcall setfield setflags skip_backend test use_solver "
        "set_string_function add_docstring add_newdoc add_newdoc_ufunc"
    ),
    "ends or stops the interpreter for some plain arguments": (
        "breadth_first_order breadth_first_tree depth_first_order depth_first_tree "
        "distance_transform_cdt id_to_svd query broyden1 broyden2 anderson linearmixing "
        "diagbroyden excitingmixing newton_krylov eigs eigsh dijkstra"
    ),
    "makes texts, bytes, records or matrices of what it is given, or asks for its memory": (
        "array2string asmatrix bmat byte_bounds bytes_ frombuffer getfield makemat mat matrix "
        "ndarray record str_ void"
    ),
}
_NAMES_NOT_CALLED = {name for names in _NOT_CALLED.values() for name in names.split()}
_FOLDS = ("reduce", "accumulate", "outer", "reduceat", "at")
_OPERATORS = ("add", "sub", "mul", "matmul", "pow", "truediv", "getitem", "call", "len", "iter")


def is_excluded(name):
    """Whether a name is private, or of a function that is not called."""
    private = name.startswith("_") and name not in {f"__{o}__" for o in _OPERATORS}
    return private or name in _NAMES_NOT_CALLED


def _public_modules(package):
    """The public modules of a package, without those that only forward deprecated names."""
    found, todo = {}, [package]
    while todo:
        module = todo.pop()
        if module.__name__ in found or module.__name__ in _MODULES_LEFT_OUT:
            continue
        found[module.__name__] = module
        named = (
            [info.name for info in pkgutil.iter_modules(module.__path__)]
            if hasattr(module, "__path__")
            else []
        )
        for name in {*named, *dir(module), *getattr(module, "__all__", ())}:
            path = f"{module.__name__}.{name}"
            if name.startswith("_") or path in _MODULES_LEFT_OUT or name in ("tests", "conftest"):
                continue
            part = getattr(module, name, None)
            if name in named and not isinstance(part, types.ModuleType):
                continue  # not offered by the module itself
            if isinstance(part, types.ModuleType) and _is_public(part, package):
                todo.append(part)
    return found


def _is_public(module, package):
    own = module.__name__.startswith(f"{package.__name__}.") and "._" not in module.__name__
    return own and "_sub_module_deprecation" not in vars(module)


def _all_modules():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in scipy.__all__:
            getattr(scipy, name)
        for name in ("cluster.vq", "cluster.hierarchy", "stats.sampling", "optimize.elementwise"):
            importlib.import_module(f"scipy.{name}")
        return {**_public_modules(np), **_public_modules(scipy)}


def _names_of(module):
    names = getattr(module, "__all__", None) or dir(module)
    return sorted(name for name in set(names) if not is_excluded(name))


def _members(module, names):
    for name in names:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            member = getattr(module, name, None)
        path = f"{module.__name__}.{name}"
        if isinstance(member, np.ufunc):
            yield path, member
            if member.nin == 2 and member.nout == 1 and member.signature is None:
                yield from ((f"{path}.{fold}", getattr(member, fold)) for fold in _FOLDS)
        elif inspect.isclass(member):
            if not issubclass(member, BaseException):
                yield path, member
        elif inspect.isroutine(member):
            yield path, member
        elif type(member).__module__.startswith(("numpy", "scipy")) and not isinstance(
            member, np.ndarray | np.generic
        ):
            if callable(member):
                yield path, member
            yield from methods_of(path, member)


def methods_of(path, instance):
    """The public methods of an instance, as of scipy.stats.norm."""
    for name in dir(type(instance)):
        if not is_excluded(name) and callable(getattr(type(instance), name, None)):
            yield f"{path}.{name}", getattr(instance, name)


def _array_methods():
    for name in dir(np.ndarray):
        if not name.startswith("_") and not is_excluded(name):
            method = getattr(np.ndarray, name)
            if callable(method):
                yield f"ndarray.{name}", _called(name)


def _called(name):
    def call(array, *args):
        return getattr(array, name)(*args)

    return call


def _namespaces():
    modules = _all_modules()
    for name, module in modules.items():
        yield name, lambda module=module: _members(module, _names_of(module))
    for name, module in modules.items():
        try:
            twins = importlib.import_module(f"dualrev.{name}")
        except ImportError:
            continue
        if name.startswith("scipy."):
            # The ufuncs of special are SciPy's own, and listed there.
            names = [n for n in _names_of(module) if name != "scipy.special" or n in twins.__all__]
            yield twins.__name__, lambda twins=twins, names=names: _members(twins, names)
    yield "ndarray", _array_methods
    yield "numpy.random.Generator", lambda: methods_of("Generator", np.random.default_rng(0))
    for module in (operator, math):
        yield module.__name__, lambda module=module: _members(module, _names_of(module))


NAMESPACES = dict(_namespaces())


def functions_in(namespace):
    """``(path, function)`` of all that one namespace holds."""
    yield from NAMESPACES[namespace]()
