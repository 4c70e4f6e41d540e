"""Run the checks of `obs check`."""
