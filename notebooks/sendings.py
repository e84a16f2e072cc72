"""Campaigns, and e-mail jobs: all of a window, and one with what became of its recipients; one app at two addresses."""

import marimo

app = marimo.App(width="full", app_title="Corbi Monitoring")


@app.cell
def _():
    from datetime import UTC, datetime

    import marimo as mo

    from notebooks.client.page import open_page
    from notebooks.look import filters, frame, lists, renewal, states
    from notebooks.look.panels import panel, small
    from notebooks.views import recipients

    page = open_page()
    kind = recipients.KINDS[page.path]
    one_id = lists.id_of(page.given.get("id"))
    return UTC, datetime, filters, frame, kind, lists, mo, one_id, page, panel, recipients, renewal, small, states


@app.cell
def _(UTC, datetime, filters, kind, lists, mo, page, recipients, renewal, small):
    controls = filters.window_controls(page.given, datetime.now(UTC), page.channels(), default="90d")
    sort = filters.choice(
        {**recipients.SORTS, **kind.sorts},
        page.given.get("sort", ""),
        "-created_at",
        "Order",
    )
    search = mo.ui.text(value=page.given.get("q", ""), label=small("Search"), placeholder="name", debounce=400)
    tick = renewal.every(page.visit.dashboard_seconds)
    get_found, set_found = mo.state(None)
    get_fresh, set_fresh = mo.state(())
    get_offset, set_offset = mo.state(lists.offset_of(page.given.get("offset")))
    return controls, get_fresh, get_found, get_offset, search, set_fresh, set_found, set_offset, sort, tick


@app.cell
def _(controls, filters, get_offset, one_id, search, sort):
    selection = filters.selected(controls.value)
    offset = get_offset()
    own = {"sort": sort.value, "q": search.value.strip()}
    _differing = {name: value for name, value in own.items() if value and value != "-created_at"}
    _list = selection.address | _differing | ({"offset": str(offset)} if offset else {})
    _own = {"id": one_id} if one_id else _list
    filters.write_address(_own)
    return offset, own, selection


@app.cell
def _(frame, mo, page, selection):
    mo.Html(frame.header(page, selection.address))
    return


@app.cell
def _(controls, filters, frame, get_fresh, mo, one_id, page, search, selection, sort, tick):
    mo.Html(
        ("" if one_id else filters.shown(controls, sort, search, names=("channel", "tz")))
        + frame.bar(get_fresh(), page, selection.tz, tick)
    )
    return


@app.cell
def _(get_found, lists, offset, one_id, set_offset):
    ways = lists.ways(offset, get_found()[0].total if get_found() and not one_id else None, set_offset)
    return (ways,)


@app.cell
def _(get_found, kind, lists, mo, offset, one_id, page, panel, recipients, states, ways):
    if get_found() is None:
        _shown = states.loading(420, "Loading")
    else:
        _answer, _selection, *_ = get_found()
        if not _answer.body:
            _shown = states.trouble(_answer)
        elif one_id:
            _shown = recipients.sending_page(page, kind, _answer.body, _selection)
        elif not _answer.body["results"]:
            _shown = panel(f"{kind.title}s", states.empty("Nothing here", "Nothing was created in this window."))
        else:
            _shown = panel(
                f"{kind.title}s",
                recipients.sending_table(page, kind, _answer.body["results"], _selection),
                lists.pager(offset, _answer.total, ways),
            )
    mo.Html(f'<div class="corbi-stack">{_shown}</div>')
    return


@app.cell
def _(get_found, kind, lists, offset, one_id, own, page, selection, set_found, set_fresh, tick):
    tick.value
    if one_id:
        _answer = page.api.get(f"/api/monitoring{kind.path}/{one_id}/", {"tz": selection.tz})
    else:
        _asked = {
            **selection.window,
            **own,
            "channel": selection.channel or None,
            "limit": lists.ROWS,
            "offset": offset,
        }
        _answer = page.api.get(f"/api/monitoring{kind.path}/", _asked)
    set_fresh((_answer,))
    _shown = get_found()
    # Drawing the same figures again would only flicker.
    if _shown is None or _shown[1:] != (selection, own, offset) or not _answer.has_same_figures(_shown[0]):
        set_found((_answer, selection, own, offset))
    return


if __name__ == "__main__":
    app.run()
