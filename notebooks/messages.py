"""Outbound and inbound logs: the single messages behind a figure, masked."""

import marimo

app = marimo.App(width="full", app_title="Messages · Corbi Monitoring")


@app.cell
def _():
    from datetime import UTC, datetime

    import marimo as mo

    from notebooks.client.page import open_page
    from notebooks.look import filters, frame, lists, renewal, states
    from notebooks.look.panels import panel
    from notebooks.views import message_table

    page = open_page()
    fixed = message_table.Fixed(page.given)
    return UTC, datetime, filters, fixed, frame, lists, message_table, mo, page, panel, renewal, states


@app.cell
def _(UTC, datetime, filters, message_table, mo, page, renewal):
    controls = filters.window_controls(page.given, datetime.now(UTC), page.channels())
    own_controls = message_table.message_controls(page.given)
    tick = renewal.every(page.visit.dashboard_seconds)
    get_found, set_found = mo.state(None)
    get_fresh, set_fresh = mo.state(())
    get_way, set_way = mo.state(({}, ()))
    return controls, get_found, get_fresh, get_way, own_controls, set_found, set_fresh, set_way, tick


@app.cell
def _(controls, filters, fixed, own_controls):
    selection = filters.selected(controls.value)
    own = {name: value for name, value in own_controls.value.items() if value and value != "outbound"}
    address = selection.address | own | fixed.parameters
    filters.write_address(address)
    return address, own, selection


@app.cell
def _(address, get_way):
    # The way to older messages is one of these filters; with others one begins at the newest again.
    cursors = get_way()[1] if get_way()[0] == address else ()
    return (cursors,)


@app.cell
def _(frame, mo, page, selection):
    mo.Html(frame.header(page, selection.address))
    return


@app.cell
def _(address, controls, filters, fixed, frame, get_fresh, mo, own_controls, page, selection, tick):
    mo.Html(
        filters.shown(controls, *own_controls.elements.values(), names=("channel", "tz"))
        + fixed.chips(page, address)
        + frame.bar(get_fresh(), page, selection.tz, tick)
    )
    return


@app.cell
def _(address, cursors, get_found, lists, set_way):
    _next = get_found()[0].body["next_cursor"] if get_found() and get_found()[0].body else None
    _ways = {"Newer": cursors[:-1]} if cursors else {}
    _ways |= {"Older": (*cursors, _next)} if _next else {}
    ways = lists.buttons({name: (lambda way=way: set_way((address, way))) for name, way in _ways.items()})
    return (ways,)


@app.cell
def _(get_found, lists, message_table, mo, page, panel, states, ways):
    if get_found() is None:
        _shown = states.loading(420, "Loading messages")
    else:
        _answer, _asked = get_found()
        _body = _answer.body
        if not _body:
            _shown = states.trouble(_answer)
        elif not _body["results"]:
            _shown = panel("Messages", states.empty("No messages", "None in this window matches the filters."))
        else:
            _shown = panel(
                "Messages",
                message_table.messages(page, _body["results"], _asked["tz"], _asked["direction"]),
                lists.bar("", ways),
                note="newest first; raw rows of the last weeks, without personal data",
            )
    mo.Html(_shown)
    return


@app.cell
def _(cursors, fixed, get_found, own, page, selection, set_found, set_fresh, tick):
    tick.value
    _asked = {
        "direction": "outbound",
        **selection.window,
        "channel": selection.channel or None,
        **(own if own.get("direction") != "inbound" else {"direction": "inbound"}),
        **(fixed.parameters if own.get("direction") != "inbound" else {}),
        "limit": 50,
        "cursor": cursors[-1] if cursors else None,
    }
    _answer = page.api.get("/api/monitoring/messages/", _asked)
    set_fresh((_answer,))
    _shown = get_found()
    # Drawing the same rows again would only flicker.
    if _shown is None or _shown[1] != _asked or not _answer.has_same_figures(_shown[0]):
        set_found((_answer, _asked))
    return


if __name__ == "__main__":
    app.run()
