"""Terraform and OpenTofu configurations: syntax, evaluation, and the model of what they hold."""
