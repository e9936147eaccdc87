"""Changed figures or changed rules: simulation, tunable values, drafts and differences of rulebooks."""
