"""What IAM means: who a principal is, what a policy says, what a key's operations are.

Nothing here knows where a policy was written: it takes `Value`s and gives `Value`s.
"""
