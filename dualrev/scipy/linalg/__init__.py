"""scipy.linalg, differentiable: same names, same signatures, same answers.

Owns the names only; what else SciPy has under this path serves plain arrays as it does there.
"""

from dualrev.scipy.linalg import (
    banded,
    banded_spectra,
    basics,
    by_factors,
    diagonals,
    equations,
    factorizations,
    functions,
    indefinite,
    interpolative,
    orthogonal,
    pencils,
    similar,
    singular,
    spectra,
    structured,
    systems,
    toeplitz_systems,
    trigonometric,
)
from dualrev.scipy.linalg.banded import *
from dualrev.scipy.linalg.banded_spectra import *
from dualrev.scipy.linalg.basics import *
from dualrev.scipy.linalg.by_factors import *
from dualrev.scipy.linalg.diagonals import *
from dualrev.scipy.linalg.equations import *
from dualrev.scipy.linalg.factorizations import *
from dualrev.scipy.linalg.functions import *
from dualrev.scipy.linalg.indefinite import *
from dualrev.scipy.linalg.orthogonal import *
from dualrev.scipy.linalg.pencils import *
from dualrev.scipy.linalg.rest import REST
from dualrev.scipy.linalg.similar import *
from dualrev.scipy.linalg.singular import *
from dualrev.scipy.linalg.spectra import *
from dualrev.scipy.linalg.structured import *
from dualrev.scipy.linalg.systems import *
from dualrev.scipy.linalg.toeplitz_systems import *
from dualrev.scipy.linalg.trigonometric import *

__all__ = [
    *banded.__all__,
    *banded_spectra.__all__,
    *basics.__all__,
    *by_factors.__all__,
    *diagonals.__all__,
    *equations.__all__,
    *factorizations.__all__,
    *functions.__all__,
    *indefinite.__all__,
    *orthogonal.__all__,
    *pencils.__all__,
    *similar.__all__,
    *singular.__all__,
    *spectra.__all__,
    *structured.__all__,
    *systems.__all__,
    *toeplitz_systems.__all__,
    *trigonometric.__all__,
    *REST.names,
    "interpolative",
]

__getattr__ = REST
