//! Curves as SVG.

use std::path::Path;

use anyhow::{Context, anyhow};
use plotters::prelude::*;

/// Width and height, in pixels.
const SIZE: (u32, u32) = (720, 360);

/// Lines are told apart by these, in order.
const COLOURS: [RGBColor; 3] = [RGBColor(31, 119, 180), RGBColor(214, 110, 20), RGBColor(44, 140, 44)];

/// A line of a plot.
#[derive(Clone, Debug)]
pub struct Series {
    /// What it is.
    pub name: &'static str,
    /// Its points.
    pub points: Vec<(f64, f64)>,
}

/// Draws lines over a logarithmic axis of numbers from 1 on.
///
/// # Errors
///
/// - There are no points; the file can't be written.
pub fn draw(path: &Path, (across, up): (&str, &str), series: &[Series]) -> anyhow::Result<()> {
    let points = || series.iter().flat_map(|series| &series.points);
    let right = points().map(|(x, _)| *x).reduce(f64::max).context("there are points")?;
    let left = points().map(|(x, _)| *x).reduce(f64::min).context("there are points")?.max(1.0);
    let top = points().map(|(_, y)| *y).reduce(f64::max).context("there are points")? * 1.25;
    lines(path, (across, up), series, (left..right.max(left + 1.0), top.max(1.0)))
        .map_err(|err| anyhow!("{}: {err}", path.display()))
}

fn lines(
    path: &Path,
    (across, up): (&str, &str),
    series: &[Series],
    (x, top): (std::ops::Range<f64>, f64),
) -> Result<(), Box<dyn std::error::Error>> {
    let area = SVGBackend::new(path, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(64)
        .build_cartesian_2d(x.log_scale(), 0.0..top)?;
    let mut mesh = chart.configure_mesh();
    mesh.x_desc(across).y_desc(up).x_label_formatter(&|x| format!("{x:.0}")).y_label_formatter(&|y| format!("{y:.0}"));
    mesh.light_line_style(TRANSPARENT).draw()?;
    for (series, colour) in series.iter().zip(COLOURS) {
        let points = || series.points.iter().map(|(x, y)| (x.max(1.0), *y));
        let line = chart.draw_series(LineSeries::new(points(), colour.stroke_width(2)))?;
        line.label(series.name).legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], colour.stroke_width(2)));
        chart.draw_series(points().map(|point| Circle::new(point, 3, colour.filled())))?;
    }
    chart.configure_series_labels().background_style(WHITE).border_style(TRANSPARENT).draw()?;
    Ok(area.present()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plot_has_its_lines_and_names() {
        let path = std::env::temp_dir().join(format!("holdfast-bench-plot-{}.svg", std::process::id()));
        let series = [Series { name: "server", points: vec![(0.0, 5.0), (10_000.0, 6.0)] }];
        draw(&path, ("rooms", "microseconds"), &series).expect("it can be drawn");
        let svg = std::fs::read_to_string(&path).expect("it was written");
        std::fs::remove_file(&path).expect("it is ours");
        assert!(svg.contains("<polyline") && svg.contains("server") && svg.contains("microseconds"), "{svg}");
        assert!(draw(&path, ("", ""), &[]).is_err());
    }
}
