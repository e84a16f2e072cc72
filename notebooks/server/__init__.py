"""The one ASGI process that serves every dashboard: start page, sign-in, the gate, the marimo apps."""
