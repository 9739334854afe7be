//! Series in, an SVG out that is legible on a light and on a dark page: no background, lines and words
//! in a grey between the two, colours of middling brightness.

use std::path::Path;

use anyhow::{Result, anyhow};
use plotters::prelude::*;

/// Legible on both pages.
const GREY: RGBColor = RGBColor(128, 128, 128);
/// One for each series.
const COLOURS: [RGBColor; 8] = [
    RGBColor(214, 96, 36),
    RGBColor(46, 134, 193),
    RGBColor(40, 160, 100),
    RGBColor(150, 100, 200),
    RGBColor(200, 60, 120),
    RGBColor(170, 140, 30),
    RGBColor(20, 150, 160),
    RGBColor(120, 120, 120),
];

/// One line: a name, and points (count of modules, value).
pub type Series = (&'static str, Vec<(f64, f64)>);

/// Draws lines over counts of modules; both axes are logarithmic.
///
/// # Errors
/// The file cannot be written.
pub fn lines(path: &Path, caption: &str, axis: &str, series: &[Series]) -> Result<()> {
    draw(path, caption, axis, series).map_err(|error| anyhow!("{}: {error}", path.display()))
}

fn draw(path: &Path, caption: &str, axis: &str, series: &[Series]) -> Result<(), Box<dyn std::error::Error>> {
    let points = || series.iter().flat_map(|(_, points)| points).filter(|(_, value)| *value > 0.0);
    let low = points().map(|(_, value)| *value).fold(f64::INFINITY, f64::min);
    let high = points().map(|(_, value)| *value).fold(0.0, f64::max);
    let (first, last) = points().fold((f64::INFINITY, 0.0_f64), |(a, b), (n, _)| (a.min(*n), b.max(*n)));

    let area = SVGBackend::new(path, (860, 460)).into_drawing_area();
    let words = |size: i32| ("sans-serif", size).into_font().color(&GREY);
    let mut chart = ChartBuilder::on(&area)
        .caption(caption, words(18))
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(84)
        .margin_right(220)
        .build_cartesian_2d((first * 0.9..last * 1.1).log_scale(), (low * 0.7..high * 1.4).log_scale())?;
    chart
        .configure_mesh()
        .axis_style(GREY)
        .light_line_style(TRANSPARENT)
        .bold_line_style(GREY.mix(0.25))
        .label_style(words(13))
        .x_desc("modules")
        .y_desc(axis)
        .axis_desc_style(words(14))
        .x_label_formatter(&|value| short(*value))
        .y_label_formatter(&|value| short(*value))
        .draw()?;
    for (at, (_, points)) in series.iter().enumerate() {
        let colour = COLOURS[at % COLOURS.len()];
        let good: Vec<(f64, f64)> = points.iter().copied().filter(|(_, value)| *value > 0.0).collect();
        chart.draw_series(LineSeries::new(good.iter().copied(), colour.stroke_width(2)))?;
        chart.draw_series(good.iter().map(|point| Circle::new(*point, 3, colour.filled())))?;
    }
    // Names beside the chart, highest line first: a legend inside would cover something.
    let mut order: Vec<usize> = (0..series.len()).collect();
    let end = |at: usize| series[at].1.last().map_or(0.0, |(_, value)| *value);
    order.sort_by(|a, b| end(*b).total_cmp(&end(*a)));
    for (row, at) in order.into_iter().enumerate() {
        let y = 60 + 26 * row as i32;
        let colour = COLOURS[at % COLOURS.len()];
        area.draw(&Rectangle::new([(652, y), (666, y + 10)], colour.filled()))?;
        area.draw(&Text::new(series[at].0, (672, y - 1), words(13)))?;
    }
    area.present()?;
    Ok(())
}

/// One bar.
pub struct Bar {
    /// What it is of.
    pub name: String,
    /// Its length, and what it says.
    pub value: f64,
    /// Which of [`COLOURS`].
    pub colour: usize,
}

/// Draws bars on a logarithmic scale.
///
/// # Errors
/// The file cannot be written.
pub fn bars(path: &Path, caption: &str, bars: &[Bar]) -> Result<()> {
    draw_bars(path, caption, bars).map_err(|error| anyhow!("{}: {error}", path.display()))
}

fn draw_bars(path: &Path, caption: &str, bars: &[Bar]) -> Result<(), Box<dyn std::error::Error>> {
    let most = bars.iter().map(|bar| bar.value).fold(1.0, f64::max);
    let height = 70 + 34 * bars.len() as i32;
    let area = SVGBackend::new(path, (860, height as u32)).into_drawing_area();
    let words = |size: i32| ("sans-serif", size).into_font().color(&GREY);
    area.draw(&Text::new(caption, (14, 14), words(17)))?;
    let (left, width) = (340, 420.0);
    // From 10 on: a bar that is a tenth of another's length is a tenth as many only on a linear scale.
    let scale = |value: f64| (width * (value.max(10.0) / 10.0).ln() / (most / 10.0).ln()) as i32;
    let mut decade = 10.0;
    while decade <= most {
        let x = left + scale(decade);
        area.draw(&PathElement::new(vec![(x, 44), (x, height - 26)], GREY.mix(0.35)))?;
        area.draw(&Text::new(short(decade), (x - 10, height - 22), words(12)))?;
        decade *= 10.0;
    }
    for (row, bar) in bars.iter().enumerate() {
        let (y, end) = (50 + 34 * row as i32, left + scale(bar.value));
        area.draw(&Text::new(bar.name.as_str(), (14, y + 5), words(13)))?;
        area.draw(&Rectangle::new([(left, y), (end, y + 22)], COLOURS[bar.colour].filled()))?;
        area.draw(&Text::new(format!("{:.0}", bar.value), (end + 6, y + 5), words(13)))?;
    }
    area.present()?;
    Ok(())
}

/// Two ways to do one thing: how much each takes, and what its bar says.
pub struct Pair {
    /// Of the thing.
    pub name: String,
    /// By linktab.
    pub ours: (f64, String),
    /// By the next best way.
    pub theirs: (f64, String),
}

/// Draws pairs of bars, the longer of each pair as long as all others: units differ.
///
/// # Errors
/// The file cannot be written.
pub fn pairs(path: &Path, caption: &str, pairs: &[Pair]) -> Result<()> {
    draw_pairs(path, caption, pairs).map_err(|error| anyhow!("{}: {error}", path.display()))
}

fn draw_pairs(path: &Path, caption: &str, pairs: &[Pair]) -> Result<(), Box<dyn std::error::Error>> {
    let height = 54 + 62 * pairs.len() as i32;
    let area = SVGBackend::new(path, (860, height as u32)).into_drawing_area();
    let words = |size: i32| ("sans-serif", size).into_font().color(&GREY);
    area.draw(&Text::new(caption, (14, 14), words(17)))?;
    let (left, width) = (210, 330.0);
    for (row, pair) in pairs.iter().enumerate() {
        let top = 46 + 62 * row as i32;
        area.draw(&Text::new(pair.name.as_str(), (14, top + 14), words(14)))?;
        let most = pair.ours.0.max(pair.theirs.0);
        for (line, ((value, said), colour)) in [(&pair.ours, 0), (&pair.theirs, 1)].into_iter().enumerate() {
            let (y, end) = (top + 23 * line as i32, left + (width * value / most).max(1.0) as i32);
            area.draw(&Rectangle::new([(left, y), (end, y + 20)], COLOURS[colour].filled()))?;
            area.draw(&Text::new(said.as_str(), (end + 6, y + 4), words(13)))?;
        }
    }
    area.present()?;
    Ok(())
}

/// `12 k`
pub fn short(value: f64) -> String {
    match value {
        v if v >= 1e9 => format!("{:.0} G", v / 1e9),
        v if v >= 1e7 => format!("{:.0} M", v / 1e6),
        v if v >= 1e6 => format!("{:.1} M", v / 1e6),
        v if v >= 1e3 => format!("{:.0} k", v / 1e3),
        v => format!("{v:.0}"),
    }
}
