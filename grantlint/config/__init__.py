"""What the user has set, in files and on the command line, and the error for what cannot be meant.

`found` looks for files, `document` reads them (`toml_text`, `yaml_text`), `keys` is the one table
of what can stand in them, `reader` makes a `Configuration` of one. `configurations` knows which
goes for what, `judging` what becomes of findings by it, `effective` shows it.
"""

from grantlint.config.asked import EVERY_RULE, Gate, Selection, rule_named
from grantlint.config.usage import UsageError

__all__ = ["EVERY_RULE", "Gate", "Selection", "UsageError", "rule_named"]
