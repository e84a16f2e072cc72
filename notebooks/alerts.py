"""Alerts: the list, and one with its history; buttons for those who may act."""

import marimo

app = marimo.App(width="full", app_title="Alerts · Corbi Monitoring")


@app.cell
def _():
    import marimo as mo

    from notebooks.client.page import open_page
    from notebooks.look import filters, frame, lists, renewal, states
    from notebooks.look.panels import panel, small
    from notebooks.views import alert_list, alert_page

    page = open_page()
    one_id = lists.id_of(page.given.get("id"))
    zone = filters.zone_of(page.given)
    return alert_list, alert_page, filters, frame, lists, mo, one_id, page, panel, renewal, small, states, zone


@app.cell
def _(alert_page, lists, mo, page, renewal, small):
    controls = alert_page.alert_controls(page.given, page.channels())
    search = mo.ui.text(
        value=page.given.get("q", ""), label=small("Search"), placeholder="title or message", debounce=400
    )
    note = mo.ui.text(label=small("Note"), placeholder="why, or what was done (optional)", full_width=True)
    tick = renewal.every(page.visit.alerts_seconds)
    get_found, set_found = mo.state(None)
    get_fresh, set_fresh = mo.state(())
    get_acted, set_acted = mo.state(None)
    get_offset, set_offset = mo.state(lists.offset_of(page.given.get("offset")))
    return (
        controls,
        get_acted,
        get_fresh,
        get_found,
        get_offset,
        note,
        search,
        set_acted,
        set_fresh,
        set_found,
        set_offset,
        tick,
    )


@app.cell
def _(alert_page, controls, filters, get_offset, one_id, search, zone):
    offset = get_offset()
    _chosen = {name: value for name, value in {**controls.value, "q": search.value.strip()}.items() if value}
    asked = {name: value for name, value in _chosen.items() if value != alert_page.ANY_STATUS}
    _address = {name: value for name, value in _chosen.items() if (name, value) != ("status", "open")}
    _address |= {"offset": str(offset)} if offset else {}
    _address |= {"tz": zone} if zone != "UTC" else {}
    filters.write_address({"id": one_id} if one_id else _address)
    return asked, offset


@app.cell
def _(frame, mo, page, zone):
    mo.Html(frame.header(page, {"tz": zone} if zone != "UTC" else {}))
    return


@app.cell
def _(controls, filters, frame, get_fresh, mo, one_id, page, search, tick, zone):
    mo.Html(
        ("" if one_id else filters.row(*controls.elements.values(), search)) + frame.bar(get_fresh(), page, zone, tick)
    )
    return


@app.cell
def _(alert_list, get_found, note, one_id, page, set_acted):
    if get_found() is None or get_found()[0].body is None:
        alerts_found = ()
    else:
        alerts_found = (get_found()[0].body,) if one_id else tuple(get_found()[0].body)
    buttons = alert_list.buttons(page, alerts_found, set_acted, lambda: note.value)
    return alerts_found, buttons


@app.cell
def _(get_found, lists, offset, one_id, set_offset):
    ways = lists.ways(offset, get_found()[0].total if get_found() and not one_id else None, set_offset)
    return (ways,)


@app.cell
def _(
    alert_list,
    alert_page,
    alerts_found,
    buttons,
    get_acted,
    get_found,
    lists,
    mo,
    note,
    offset,
    one_id,
    page,
    panel,
    states,
    ways,
    zone,
):
    if get_found() is None:
        _shown = states.loading(420, "Loading alerts")
    elif get_found()[0].body is None:
        _shown = states.trouble(get_found()[0])
    elif one_id:
        _row = f'<div class="corbi-act">{note.text}{"".join(one.text for one in buttons.elements.values())}</div>'
        _shown = alert_page.alert_page(page, alerts_found[0], _row if page.may_act else "", zone)
    elif not alerts_found:
        _shown = panel("Alerts", states.empty("No alerts", "None matches the filters."))
    else:
        _shown = panel(
            "Alerts",
            alert_list.alert_items(page, alerts_found, buttons.elements, zone),
            lists.pager(offset, get_found()[0].total, ways),
        )
    mo.Html(f'<div class="corbi-stack">{alert_list.why_not(get_acted())}{_shown}</div>')
    return


@app.cell
def _(asked, get_acted, get_found, lists, offset, one_id, page, set_found, set_fresh, tick):
    tick.value, get_acted()
    if one_id:
        _answer = page.api.get(f"/api/monitoring/alerts/{one_id}/")
    else:
        _answer = page.api.get("/api/monitoring/alerts/", {**asked, "limit": lists.ROWS, "offset": offset})
    set_fresh((_answer,))
    _shown = get_found()
    # Drawing the same alerts again would only flicker.
    if _shown is None or _shown[1:] != (asked, offset) or not _answer.has_same_figures(_shown[0]):
        set_found((_answer, asked, offset))
    return


if __name__ == "__main__":
    app.run()
