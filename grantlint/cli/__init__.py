"""The command line: arguments to a call, a result to text and an exit code. One module a command.

No decision about grants or keys lives here. Modules import what is heavy inside the command, so
that `--help` stays quick.
"""
