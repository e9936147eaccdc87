"""Changed figures or changed rules: simulation, tunable values and differences of rulebooks."""
