# SPDX-License-Identifier: MIT
"""Reports of ramptop held against shares, and against what the demo target counted.

mix.py shares REPORT "GET /a=5" "POST /b=1" ... [-- "POST /login" ...]
    Are the requests of these endpoints spread like these weights?  Pearson's chi-square at
    p = 0.001.  Any other endpoint must be among those behind --, which are left out.
mix.py exact REPORT "GET /a + GET /b=70" ...
    Are they exactly so many, added up?
mix.py counts STATS REPORT...
    Did the server answer each route as often as all the reports together say?
"""
import json
import math
import re
import sys

P = 0.001
LEAST = 5  # requests to be expected of each endpoint: below it is no chi-square


def survival(chi2, df):
    """The probability of at least this chi-square: Q(df / 2, chi2 / 2)."""
    a, x = df / 2, chi2 / 2
    if x <= 0:
        return 1.0
    scale = math.exp(a * math.log(x) - x - math.lgamma(a))
    if x < a + 1:  # P(a, x) as a series
        term = total = 1 / a
        while term > total * 1e-15:
            a += 1
            term *= x / a
            total += term
        return 1 - total * scale
    # Q(a, x) as a continued fraction (Lentz)
    b, c = x + 1 - a, 1e300
    d = 1 / b
    h = d
    for i in range(1, 1000):
        an = -i * (i - a)
        b += 2
        d = 1 / (an * d + b)
        c = b + an / c
        h *= d * c
        if abs(d * c - 1) < 1e-15:
            break
    return h * scale


def endpoints(path):
    with open(path, encoding="utf-8") as f:
        report = json.load(f)
    return {f"{e['method']} {e['name']}": e["requests"] for e in report["endpoints"]
            if e["requests"] > 0}


def weights(texts):
    return {name: float(n) for name, n in (t.rsplit("=", 1) for t in texts)}


def shares(report, *texts):
    at = texts.index("--") if "--" in texts else len(texts)
    wanted, others = weights(texts[:at]), set(texts[at + 1:])
    seen = endpoints(report)
    strange = set(seen) - set(wanted) - others
    if strange:
        return f"nobody should ask for {sorted(strange)}"
    n = sum(seen.get(e, 0) for e in wanted)
    chi2 = 0.0
    for name, weight in wanted.items():
        expected = n * weight / sum(wanted.values())
        if expected < LEAST:
            return f"too few requests ({n}) to say anything about {name}"
        chi2 += (seen.get(name, 0) - expected) ** 2 / expected
    p = survival(chi2, len(wanted) - 1) if len(wanted) > 1 else 1.0
    print(f"{n} requests, chi-square {chi2:.2f}, p = {p:.3g}")
    if p < P:
        return ", ".join(f"{e} {seen.get(e, 0)}" for e in wanted)
    return None


def exact(report, *texts):
    seen = endpoints(report)
    wrong = []
    for names, n in weights(texts).items():
        got = sum(seen.get(e, 0) for e in names.split(" + "))
        if got != n:
            wrong.append(f"{names}: {got} requests instead of {n:.0f}")
    return "; ".join(wrong)


def route(endpoint):
    """Endpoint "GET /runs/${run} (polled)" and route "GET /runs/{run_id}" are the same."""
    return re.sub(r"\$?\{\w+\}", "{}", re.sub(r" \([^)]*\)$", "", endpoint))


def counts(stats, *reports):
    with open(stats, encoding="utf-8") as f:
        routes = json.load(f)["routes"]
    server, client = {}, {}
    for name, by_status in routes.items():
        server[route(name)] = sum(by_status.values())
    for report in reports:
        for name, n in endpoints(report).items():
            client[route(name)] = client.get(route(name), 0) + n
    client.pop("GET /metrics", None)  # built in: not among the routes
    wrong = [f"{e}: {client.get(e, 0)} sent, {server.get(e, 0)} answered"
             for e in sorted(set(client) | set(server)) if client.get(e, 0) != server.get(e, 0)]
    print(f"{sum(client.values())} requests on {len(client)} routes")
    return "; ".join(wrong)


def main(what, *args):
    wrong = {"shares": shares, "exact": exact, "counts": counts}[what](*args)
    if wrong:
        sys.exit(wrong)


if __name__ == "__main__":
    # survival() against the table everybody has: p = 0.001 at 1, 5 and 20 degrees
    for table_df, critical in ((1, 10.828), (5, 20.515), (20, 45.315)):
        assert abs(survival(critical, table_df) - P) < 1e-6
    main(*sys.argv[1:])
