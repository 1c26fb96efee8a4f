"""A linter for AWS KMS grants and key policies that says what it cannot know."""

__version__ = "0.1.0"
