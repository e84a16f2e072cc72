"""The look that all dashboards share: colours, numbers, cards, charts, states."""
