"""What it costs that Prometheus may look: to the API's answers, and its look itself.

Belongs here: this benchmark. Does not: the clients (clients.py), the server and its times (api.py).
"""

import statistics
import time
import urllib.request
from contextlib import ExitStack

from pydantic import SecretStr

from benchmarks.api import free_port, prepared, requests_in_turn, serving
from benchmarks.clients import Answer, run_clients
from benchmarks.held import cpu_seconds
from warehouse.settings import Settings

_TOKEN = "the benchmark's Prometheus"
_CLIENTS = 4
_ROUNDS = 8
_SECONDS = 5.0
_LOOKS = 20


def watched(settings: Settings) -> None:
    """The API's warm answers with and without metrics, in turn, and how long a look at /metrics takes."""
    plain, token = prepared(settings)
    both = {
        "without": plain,
        "with": plain.model_copy(update={"metrics_token": SecretStr(_TOKEN), "api_port": free_port()}),
    }
    with ExitStack() as stack:
        servers = {name: stack.enter_context(serving(one)) for name, one in both.items()}
        p50s: dict[str, list[float]] = {name: [] for name in both}
        rates: dict[str, list[float]] = {name: [] for name in both}
        spent: dict[str, list[float]] = {name: [] for name in both}
        print(f"watched: {_CLIENTS} clients as fast as they are answered, {_ROUNDS} rounds of {_SECONDS:.0f} s in turn")
        for number in range(_ROUNDS + 1):
            for name in sorted(both, reverse=bool(number % 2)):
                address = (both[name].api_host, both[name].api_port)
                begun = cpu_seconds(servers[name].pid)
                answers = run_clients(address, _CLIENTS, _SECONDS, requests_in_turn(token))
                if number:
                    p50s[name].append(_p50_ms(answers))
                    rates[name].append(len(answers) / _SECONDS)
                    spent[name].append(1000 * (cpu_seconds(servers[name].pid) - begun) / len(answers))
        for name in both:
            print(
                f"  {name:8} p50 {statistics.median(p50s[name]):6.2f} ms   {statistics.median(rates[name]):6,.0f} "
                f"requests/s   {statistics.median(spent[name]):.3f} ms of CPU a request"
            )
        looks = [_look_ms(both["with"]) for _ in range(_LOOKS)]
        print(f"  a look at /metrics: p50 {statistics.median(looks):.1f} ms, longest {max(looks):.1f} ms")


def _p50_ms(answers: list[Answer]) -> float:
    return 1000 * statistics.median(answer.seconds for answer in answers)


def _look_ms(settings: Settings) -> float:
    url = f"http://{settings.api_host}:{settings.api_port}/metrics"
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {_TOKEN}"})
    started = time.perf_counter()
    with urllib.request.urlopen(request, timeout=60) as answer:
        answer.read()
    return 1000 * (time.perf_counter() - started)
