"""Monitoring details: each channel's volumes, failures with the providers' texts, latency, and recent alerts."""

import marimo

app = marimo.App(width="full", app_title="Monitoring · Corbi Monitoring")


@app.cell
def _():
    from datetime import UTC, datetime

    import marimo as mo

    from notebooks.client.page import open_page
    from notebooks.look import filters, frame, renewal, states
    from notebooks.look.panels import grid, panel
    from notebooks.views import alert_list, channel_details, overview

    page = open_page()
    return UTC, alert_list, channel_details, datetime, filters, frame, grid, mo, overview, page, panel, renewal, states


@app.cell
def _(UTC, datetime, filters, mo, page, renewal):
    controls = filters.window_controls(page.given, datetime.now(UTC), page.channels())
    tick = renewal.every(page.visit.dashboard_seconds)
    get_forced, set_forced = mo.state(False)
    force = renewal.at_once(set_forced)
    get_figures, set_figures = mo.state(None)
    get_fresh, set_fresh = mo.state(())
    return controls, force, get_figures, get_forced, get_fresh, set_figures, set_forced, set_fresh, tick


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
def _(channel_details, get_figures, mo, page, states):
    if get_figures() is None:
        _shown = states.loading(240, "Loading channels")
    else:
        _details, _selection = get_figures()
        _shown = (
            channel_details.notices(_details.body) + channel_details.channel_table(page, _details.body, _selection)
            if _details.body
            else states.trouble(_details)
        )
    mo.Html(_shown)
    return


@app.cell
def _(get_figures, mo, overview, page):
    if get_figures() is None or not get_figures()[0].body:
        _shown = ""
    else:
        _shown = overview.messages_panel(page, get_figures()[0].body, get_figures()[1], link=False)
    mo.Html(_shown)
    return


@app.cell
def _(channel_details, get_figures, mo, overview):
    if get_figures() is None or not get_figures()[0].body:
        _shown = ""
    else:
        _details, _selection = get_figures()
        _shown = channel_details.latency_panels(_details.body, _selection) + overview.histogram_panel(_details.body)
    mo.Html(f'<div class="corbi-stack">{_shown}</div>')
    return


@app.cell
def _(channel_details, get_figures, mo, page):
    if get_figures() is None or not get_figures()[0].body:
        _shown = ""
    else:
        _shown = channel_details.reason_panels(page, get_figures()[0].body, get_figures()[1])
    mo.Html(_shown)
    return


@app.cell
def _(alert_list, get_figures, mo, page, panel, states):
    if get_figures() is None or not get_figures()[0].body:
        _shown = ""
    else:
        _details, _selection = get_figures()
        _alerts = _details.body.get("recent_alerts") or ()
        _inside = alert_list.alert_items(page, _alerts, {}, _selection.tz) if _alerts else states.empty("No alerts", "")
        _shown = panel("Recent alerts", _inside, link=page.link("/alerts"))
    mo.Html(_shown)
    return


@app.cell
def _(get_figures, get_forced, page, selection, set_figures, set_forced, set_fresh, tick):
    tick.value
    _force = {"force_refresh": "true"} if get_forced() else {}
    _details = page.api.get("/api/monitoring/details/", {**selection.parameters, **_force})
    set_fresh((_details,))
    set_forced(False)
    _shown = get_figures()
    # Drawing the same figures again would only flicker.
    if _shown is None or _shown[1] != selection or not _details.has_same_figures(_shown[0]):
        set_figures((_details, selection))
    return


if __name__ == "__main__":
    app.run()
