"""For analysts: the lake by SQL and Polars, read only; as a script, a static report of a week.

`corbi-monitoring explore` opens it in marimo's editor, `corbi-monitoring explore --report week.html` writes the report.
The files under notebooks/analyses/ hold the SQL; change them, or write your own in the last cell.
"""

import marimo

app = marimo.App(width="medium", app_title="Explore · Corbi Monitoring")


@app.cell
def _():
    import marimo as mo
    import polars as pl

    from notebooks.analyses.reading import WEEK, Lake, compared, latency_cells
    from notebooks.look import failure_charts, latency_charts
    from notebooks.look.palette import style_sheet

    mo.Html(f"<style>{style_sheet()}</style>")
    return Lake, WEEK, compared, failure_charts, latency_cells, latency_charts, mo, pl


@app.cell
def _(Lake, mo):
    organization = int(mo.cli_args().get("organization") or 1)
    lake = Lake(organization)
    return lake, organization


@app.cell
def _(WEEK, lake, mo):
    window = mo.ui.number(start=1, stop=45, value=WEEK.days, label="Days of the window")
    window
    return (window,)


@app.cell
def _(lake, mo, organization, window):
    from datetime import timedelta

    _length = timedelta(days=window.value)
    span = {"end": lake.as_of, "start": lake.as_of - _length, "before": lake.as_of - 2 * _length}
    mo.md(
        f"# Organization {organization}, {span['start']:%d %b} to {span['end']:%d %b %Y}\n\n"
        f"{window.value} days up to the last hour there are figures of (UTC), beside the {window.value} days before."
    )
    return (span,)


@app.cell
def _(lake, mo, pl, span):
    volume = lake.ask("volume", **span)
    _sums = volume.group_by("channel").agg(pl.col("outbound", "delivered", "failed", "inbound").sum()).sort("channel")
    mo.vstack([mo.md("## What was sent"), mo.ui.table(_sums, selection=None, pagination=False)])
    return (volume,)


@app.cell
def _(mo):
    mo.md("## Why did failures rise?\n\nTwo windows side by side. What rose most comes first.")
    return


@app.cell
def _(compared, failure_charts, lake, mo, span):
    by_channel = compared(lake.ask("failures_by_channel", **span))
    by_reason = compared(lake.ask("failures_by_reason", **span))
    mo.vstack(
        [
            mo.md("### By channel"),
            failure_charts.compared_bars(by_channel.to_dicts(), 150),
            mo.ui.table(by_channel, selection=None, pagination=False),
            mo.md("### By reason"),
            failure_charts.compared_bars(by_reason.to_dicts(), 240),
        ]
    )
    return by_channel, by_reason


@app.cell
def _(compared, failure_charts, lake, mo, span):
    by_campaign = compared(lake.ask("failures_by_campaign", **span))
    by_hour = lake.ask("failures_by_hour", **span)
    mo.vstack(
        [
            mo.md("### By campaign"),
            mo.ui.table(by_campaign, selection=None, pagination=False),
            mo.md("### By hour of the day (UTC)"),
            failure_charts.compared_bars(by_hour.to_dicts(), 420),
        ]
    )
    return by_campaign, by_hour


@app.cell
def _(lake, latency_cells, latency_charts, mo, span):
    week = latency_cells(lake.ask("latency_week", **span), 0.95)
    mo.vstack(
        [
            mo.md(
                "## When are providers slow?\n\np95 of the callback latency for each hour of the week, both windows."
            ),
            latency_charts.latency_heatmap(week, "p95") or mo.md("No callbacks with a known latency."),
        ]
    )
    return (week,)


@app.cell
def _(lake, mo):
    campaigns = lake.ask("campaigns")
    _names = {f"{row['name']} ({row['recipients']:,})": row["id"] for row in campaigns.iter_rows(named=True)}
    campaign = mo.ui.dropdown(_names, value=next(iter(_names), None), label="Campaign", searchable=True)
    mo.vstack(
        [
            mo.md("## The cohort of a campaign\n\nWhat became of its contacts, and what they did afterwards."),
            campaign,
        ]
    )
    return (campaign,)


@app.cell
def _(campaign, lake, mo):
    mo.stop(campaign.value is None, mo.md("No campaign has reached anybody in the raw window."))
    cohort = lake.ask("cohort", campaign=campaign.value)
    mo.ui.table(cohort, selection=None, pagination=False)
    return (cohort,)


@app.cell
def _(lake, mo):
    _own = lake.sql(
        "select channel, reason, count(*) as texts from lake.rollup.failure_reason group by all order by texts desc limit 10"
    )
    mo.vstack(
        [
            mo.md("## Your own\n\nAny SQL over `lake.rollup.*` and `lake.raw.*`; `lake.sql(…)` gives a Polars frame."),
            mo.ui.table(_own, selection=None, pagination=False),
        ]
    )
    return


if __name__ == "__main__":
    app.run()
