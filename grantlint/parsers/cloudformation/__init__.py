"""CloudFormation templates: syntax, intrinsic functions, and the model of what they hold."""
