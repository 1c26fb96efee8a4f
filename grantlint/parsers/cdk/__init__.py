"""The CDK's cloud assemblies (`cdk.out`): which templates are deployed where, and what made them.

An assembly is what `cdk synth` writes: a manifest, CloudFormation templates, and for each of their
resources the construct it comes from, in newer versions with the lines of the user's program.
https://github.com/aws/aws-cdk-cli/tree/main/packages/%40aws-cdk/cloud-assembly-schema

`document` reads JSON files, `manifest` finds the stacks of an assembly and of its stages, `nested`
the templates of nested stacks, `metadata` the construct of each resource, `trace` the user's lines
in a stack trace, `checkout` and `source_map` the files these are in. `assembly` makes deployments
of it all; `program` says where the assembly of a cdk.json is.
"""
