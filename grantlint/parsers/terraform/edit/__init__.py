"""From a change of a key or grant to edits of the text that it is written in.

`Editor.edits` is all that others need. The rest, in the order in which it builds on one another:
`node`: what is written, of both notations alike. `json_text`: the JSON in a heredoc as nodes.
`lines`, `member`, `body`: text to cut out and put in, comments and layout kept. `render`: values as
text. `align`: the columns of `terraform fmt`. `place`: from a value to the node that it is written
as. `arguments`, `statement`, `conditions`: what a path inside a key or grant means. `sharing` and
`references`: what else an edit would change.
"""

from grantlint.parsers.terraform.edit.editor import Editor, Wanted

__all__ = ["Editor", "Wanted"]
