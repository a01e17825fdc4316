"""Every public function of NumPy and SciPy, as listed when the test runs, with a traced argument.

``listed`` says which functions there are, ``arguments`` finds calls of them that work with plain
arrays, ``outcomes`` puts a traced array in the place of each in turn, and looks at what comes of it.
"""
