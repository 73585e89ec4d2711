# Modules without services, task sets, clusters and capacity providers.

version "0.0.0" {}
