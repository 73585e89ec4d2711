# https://github.com/cn-terraform/terraform-aws-ecs-cluster

version "1.0.0" {
  resource "aws_ecs_cluster" "cluster" {}
}

version "1.0.7" {
  variable "tags" {
    type    = map(string)
    default = {}
  }
  resource "aws_ecs_cluster" "cluster" {
    tags = var.tags
  }
}

version "1.0.10" {
  variable "containerInsights" {
    type    = bool
    default = false
  }
  resource "aws_ecs_cluster" "cluster" {
    dynamic "setting" {
      for_each = var.containerInsights == true ? ["on"] : []
      content {
        name  = "containerInsights"
        value = "enabled"
      }
    }
  }
}
