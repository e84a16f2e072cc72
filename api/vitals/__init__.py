"""What Prometheus is told of the monitoring itself, and never of an organization.

Here: the metrics by name (families), what they are read from (readings), reading within a time limit (collector), and
counting requests (requests). Not here: the route (routes/vitals.py), and an organization's figures (routes/metrics.py).
prometheus_client decides when it is imported whether the processes of a server count together, so only `create_app`
imports this, when it is called.
"""
