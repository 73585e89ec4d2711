"""Parse the text of Terraform files into blocks, expressions and templates, in HCL and in JSON."""
