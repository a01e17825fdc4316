"""A spinning body: quaternions with Python's math, Euler's equations, the angle to a star."""

import autograd.numpy as np


class Quaternion:
    def __init__(self, w, x, y, z):
        self.w, self.x, self.y, self.z = w, x, y, z

    @classmethod
    def from_rotation_vector(cls, r):
        angle = np.sqrt(r[0] ** 2 + r[1] ** 2 + r[2] ** 2)
        if angle < 1e-12:
            return cls(1.0, 0.5 * r[0], 0.5 * r[1], 0.5 * r[2])
        s = np.sin(angle / 2) / angle
        return cls(np.cos(angle / 2), s * r[0], s * r[1], s * r[2])

    def __mul__(self, o):
        return Quaternion(
            self.w * o.w - self.x * o.x - self.y * o.y - self.z * o.z,
            self.w * o.x + self.x * o.w + self.y * o.z - self.z * o.y,
            self.w * o.y - self.x * o.z + self.y * o.w + self.z * o.x,
            self.w * o.z + self.x * o.y - self.y * o.x + self.z * o.w,
        )

    def normalized(self):
        n = np.sqrt(sum([self.w**2, self.x**2, self.y**2, self.z**2]))
        return Quaternion(self.w / n, self.x / n, self.y / n, self.z / n)

    def matrix(self):
        w, x, y, z = self.w, self.x, self.y, self.z
        return np.array([
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ])  # fmt: skip

    def euler(self):
        roll = np.arctan2(2 * (self.w * self.x + self.y * self.z), 1 - 2 * (self.x**2 + self.y**2))
        pitch = np.arcsin(2 * (self.w * self.y - self.z * self.x))
        yaw = np.arctan2(2 * (self.w * self.z + self.x * self.y), 1 - 2 * (self.y**2 + self.z**2))
        return roll, pitch, yaw


def cross(a, b):
    return np.array(
        [
            a[1] * b[2] - a[2] * b[1],
            a[2] * b[0] - a[0] * b[2],
            a[0] * b[1] - a[1] * b[0],
        ]
    )


def spin(q, omega, inertia, steps, h):
    attitudes = [None] * (steps + 1)
    attitudes[0] = q.euler()
    tensor = np.diag(inertia)
    for i in range(steps):
        torque = -cross(omega, tensor @ omega)
        omega = omega + h * np.linalg.solve(tensor, torque)
        q = (q * Quaternion.from_rotation_vector(h * omega)).normalized()
        attitudes[i + 1] = q.euler()
    return q, attitudes


def tracking(x):
    """Attitudes in degrees over time, and the angle between the body's axis and a star."""
    q, attitudes = spin(Quaternion(1.0, 0.0, 0.0, 0.0), x[:3], x[3:6], steps=4, h=0.2)
    star = np.array([0.1, 0.7, np.sqrt(0.5)])
    axis = q.matrix() @ np.array([0.0, 0.0, 1.0])
    angle = np.arccos(float_or_same(axis @ star / np.sqrt(np.sum(star**2))))
    degrees = [[180 / np.pi * (a) for a in row] for row in attitudes]
    return np.append(np.ravel(np.array(degrees)), 180 / np.pi * (angle))


def float_or_same(c):
    return min(1.0, max(-1.0, c))


def example():
    return tracking, np.array([0.5, -0.3, 0.4, 1.0, 1.4, 0.8])
