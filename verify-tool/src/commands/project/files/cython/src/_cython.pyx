# cython: language_level=3
"""<module>._cython"""


def answer():
    return "Cython"
