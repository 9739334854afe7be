# cython: language_level=3
"""Splits text into words."""


cdef class Counter:
    """How often each word has been seen."""

    cdef dict counts

    def __init__(self, counts=None):
        self.counts = dict(counts or {})

    def feed(self, str text):
        for word in text.split():
            self.counts[word] = self.counts.get(word, 0) + 1
        return self

    def most_common(self):
        return max(sorted(self.counts), key=self.counts.get)

    def __reduce__(self):
        return Counter, (self.counts,)
