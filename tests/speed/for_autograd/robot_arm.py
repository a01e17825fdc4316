"""Kinematics of an arm of six joints: Denavit and Hartenberg's matrices, with Python's np."""

import autograd.numpy as np
from autograd.numpy import arctan2 as atan2
from autograd.numpy import cos, pi, sin, sqrt

# a, alpha, d of each link
LINKS = [
    (0.0, pi / 2, 0.089),
    (-0.425, 0.0, 0.0),
    (-0.392, 0.0, 0.0),
    (0.0, pi / 2, 0.109),
    (0.0, -pi / 2, 0.095),
    (0.0, 0.0, 0.082),
]


def dh_matrix(theta, a, alpha, d):
    ct, st = cos(theta), sin(theta)
    ca, sa = cos(alpha), sin(alpha)
    return np.array([
        [ct, -st * ca, st * sa, a * ct],
        [st, ct * ca, -ct * sa, a * st],
        [0, sa, ca, d],
        [0, 0, 0, 1],
    ])  # fmt: skip


def forward_kinematics(q):
    frames = [None] * (len(q) + 1)
    frames[0] = np.eye(4)
    for i, (a, alpha, d) in enumerate(LINKS):
        frames[i + 1] = frames[i] @ dh_matrix(q[i], a, alpha, d)
    return frames


def geometric_jacobian(frames):
    n = len(frames) - 1
    end = frames[-1][:3, 3]
    columns = []
    for i in range(n):
        axis = frames[i][:3, 2]
        x, y, z = end - frames[i][:3, 3]
        a, b, c = axis
        columns.append(np.array([b * z - c * y, c * x - a * z, a * y - b * x, a, b, c]))
    return np.array(columns).T


def euler_angles(rotation):
    """Roll, pitch and yaw."""
    sy = sqrt(rotation[0, 0] ** 2 + rotation[1, 0] ** 2)
    if sy < 1e-6:
        return np.array([atan2(-rotation[1, 2], rotation[1, 1]), atan2(-rotation[2, 0], sy), 0.0])
    return np.array([
        atan2(rotation[2, 1], rotation[2, 2]),
        atan2(-rotation[2, 0], sy),
        atan2(rotation[1, 0], rotation[0, 0]),
    ])  # fmt: skip


def pose_and_manipulability(q):
    frames = forward_kinematics(q)
    jac = geometric_jacobian(frames)
    angles = euler_angles(frames[-1][:3, :3])
    last = np.array([sqrt(np.linalg.det(jac @ jac.T))])
    return np.concatenate([frames[-1][:3, 3], angles, last])


def example():
    return pose_and_manipulability, np.array([0.4, -1.1, 1.3, -0.6, 1.2, 0.3])
