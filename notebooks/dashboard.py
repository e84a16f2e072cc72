"""The dashboard: one window of an organization, from its cards to its open alerts."""

import marimo

app = marimo.App(width="full", app_title="Dashboard · Corbi Monitoring")


@app.cell
def _():
    from datetime import UTC, datetime

    import marimo as mo

    from notebooks.client.page import open_page
    from notebooks.look import filters, frame, renewal, states
    from notebooks.look.panels import grid, panel, small
    from notebooks.views import alert_list, overview

    page = open_page()
    return UTC, alert_list, datetime, filters, frame, grid, mo, overview, page, panel, renewal, small, states


@app.cell
def _(UTC, datetime, filters, mo, page, renewal, small):
    controls = filters.window_controls(page.given, datetime.now(UTC), page.channels())
    percentile = mo.ui.dropdown(["p50", "p95", "p99"], value="p95", label=small("Line shows"))
    tick = renewal.every(page.visit.dashboard_seconds)
    alert_tick = mo.ui.refresh(default_interval=f"{page.visit.alerts_seconds}s")
    get_forced, set_forced = mo.state(False)
    force = renewal.at_once(set_forced)
    get_figures, set_figures = mo.state(None)
    get_fresh, set_fresh = mo.state(())
    get_alerts, set_alerts = mo.state(None)
    get_acted, set_acted = mo.state(None)
    return (
        alert_tick,
        controls,
        force,
        get_acted,
        get_alerts,
        get_figures,
        get_forced,
        get_fresh,
        percentile,
        set_acted,
        set_alerts,
        set_figures,
        set_forced,
        set_fresh,
        tick,
    )


@app.cell
def _(controls, filters, frame, mo, page):
    selection = filters.selected(controls.value)
    filters.write_address(selection.address)
    mo.Html(frame.header(page, selection.address))
    return (selection,)


@app.cell
def _(controls, filters, force, frame, get_fresh, mo, page, selection, tick):
    mo.Html(filters.shown(controls) + frame.bar(get_fresh(), page, selection.tz, force, tick))
    return


@app.cell
def _(get_figures, mo, overview, page, states):
    if get_figures() is None:
        _shown = states.loading(132, "Loading figures")
    else:
        _summary, _, _selection = get_figures()
        _shown = overview.summary_cards(page, _summary.body, _selection) if _summary.body else states.trouble(_summary)
    mo.Html(_shown)
    return


@app.cell
def _(get_figures, mo, overview, page, states):
    if get_figures() is None:
        _shown = states.loading(480, "Loading charts")
    else:
        _, _details, _selection = get_figures()
        _shown = overview.messages_panel(page, _details.body, _selection) if _details.body else states.trouble(_details)
    mo.Html(_shown)
    return


@app.cell
def _(get_figures, grid, mo, overview, page, percentile):
    if get_figures() is None or not get_figures()[1].body:
        _shown = ""
    else:
        _, _details, _selection = get_figures()
        _control = f'<div class="corbi-filters">{percentile}</div>'
        _shown = grid(
            overview.reasons_panel(page, _details.body, _selection),
            overview.latency_panel(_details.body, _selection, percentile.value, _control),
        )
    mo.Html(_shown)
    return


@app.cell
def _(get_figures, grid, mo, overview, page):
    if get_figures() is None or not get_figures()[0].body or not get_figures()[1].body:
        _shown = ""
    else:
        _summary, _details, _selection = get_figures()
        _campaigns, _jobs = overview.reach_panels(page, _summary.body, _selection)
        _shown = grid(
            _campaigns, _jobs, overview.histogram_panel(_details.body).replace("corbi-panel", "corbi-panel wide", 1)
        )
    mo.Html(_shown)
    return


@app.cell
def _(alert_list, get_alerts, page, set_acted):
    alerts_found = (get_alerts() or ((), None))[0]
    alert_buttons = alert_list.buttons(page, alerts_found, set_acted)
    return alert_buttons, alerts_found


@app.cell
def _(
    alert_buttons,
    alert_list,
    alert_tick,
    alerts_found,
    get_acted,
    get_alerts,
    get_figures,
    mo,
    page,
    panel,
    selection,
    states,
):
    if get_alerts() is None:
        _inside = states.loading(160, "Loading alerts")
    elif get_alerts()[1] is not None:
        _inside = states.trouble(get_alerts()[1])
    elif not alerts_found:
        _inside = states.empty("No open alerts", "Nothing needs you now.")
    else:
        _inside = alert_list.alert_items(page, alerts_found, alert_buttons.elements, selection.tz)
    _counts = get_figures()[0].body["alerts"] if get_figures() and get_figures()[0].body else {}
    mo.Html(
        panel(
            "Alerts",
            f"<div>{alert_list.severity_counts(page, _counts)}</div>" if _counts else "",
            alert_list.why_not(get_acted()),
            _inside,
            f'<div class="corbi-hidden">{alert_tick}</div>',
            link=page.link("/alerts"),
        )
    )
    return


@app.cell
def _(get_acted, get_figures, get_forced, page, selection, set_figures, set_forced, set_fresh, tick):
    tick.value, get_acted()
    _force = {"force_refresh": "true"} if get_forced() else {}
    _answers = page.api.get_all(
        {
            "summary": ("/api/monitoring/summary/", {**selection.window, **_force}),
            "details": ("/api/monitoring/details/", selection.parameters),
        }
    )
    set_fresh(tuple(_answers.values()))
    set_forced(False)
    _new = (_answers["summary"], _answers["details"], selection)
    _shown = get_figures()
    # Drawing the same figures again would only flicker.
    if (
        _shown is None
        or _shown[2] != selection
        or not all(a.has_same_figures(b) for a, b in zip(_new[:2], _shown[:2], strict=True))
    ):
        set_figures(_new)
    return


@app.cell
def _(alert_list, alert_tick, get_acted, get_alerts, page, selection, set_alerts):
    alert_tick.value, get_acted()
    _asked = {"channel": selection.channel or None, "limit": 50}
    _answers = page.api.get_all(
        {status: ("/api/monitoring/alerts/", {**_asked, "status": status}) for status in ("open", "acked")}
    )
    _wrong = next((answer for answer in _answers.values() if answer.body is None), None)
    _new = (alert_list.worst_first([alert for answer in _answers.values() for alert in answer.body or ()], 8), _wrong)
    if _new != get_alerts():
        set_alerts(_new)
    return


if __name__ == "__main__":
    app.run()
