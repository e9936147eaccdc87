"""From YAML files to a rulebook: source positions, declared keys, extension of another rulebook."""
