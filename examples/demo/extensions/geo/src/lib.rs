//! `acme.geo._core`: a PyO3 module in the `mod` form.

#![forbid(unsafe_code)]

use pyo3::prelude::pymodule;

/// Points in the plane.
#[linktab::extension_module("acme.geo._core")]
#[pymodule]
pub mod _core {
    use pyo3::prelude::*;

    /// A point.
    #[pyclass(get_all, from_py_object)]
    #[derive(Clone, Copy)]
    pub struct Point {
        x: f64,
        y: f64,
    }

    #[pymethods]
    impl Point {
        #[new]
        fn new(x: f64, y: f64) -> Self {
            Point { x, y }
        }

        fn __getnewargs__(&self) -> (f64, f64) {
            (self.x, self.y)
        }

        fn __repr__(&self) -> String {
            format!("Point({}, {})", self.x, self.y)
        }
    }

    /// The distance between two points.
    #[pyfunction]
    fn distance(a: Point, b: Point) -> f64 {
        (a.x - b.x).hypot(a.y - b.y)
    }
}
