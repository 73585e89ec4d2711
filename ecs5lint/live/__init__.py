"""Check the task definitions that are registered in Amazon ECS, with the same rules and reports.

It is the only mode of the linter that uses the network, and it calls only AWS. It needs the extra `ecs5lint[live]`.
"""
