exec(open('/tmp/err/t2.py').read().split('h=dr')[0])
from dualrev import show
t("dr.partial(lambda x: x[0], [[1],[1,2]])(X)")
t("show.braille(np.eye(3))"); t("show.braille(3)"); t("show.braille([1,0])"); t("show.braille(np.eye(3,dtype=np.float16))")
t("dr.derivative_tensor(np.sum, 70)(X)"); t("dr.derivative_tensor(lambda x: x**2, 3)(1.0)")
t("dr.implicit.root(lambda u: u-X, X, rtol='a')"); t("dr.jacobian(np.sin, mode=np.array([1,2]))")
t("dr.propagate(np.sin, X, std=X, order=np.array([1,2]))")
t("show.draw(np.sin, X, mode=3)"); t("show.draw(np.sin, X, group=[1])")
