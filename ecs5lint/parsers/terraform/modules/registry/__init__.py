"""Know the modules of the Terraform registry that create task definitions, from a table of their inputs."""
