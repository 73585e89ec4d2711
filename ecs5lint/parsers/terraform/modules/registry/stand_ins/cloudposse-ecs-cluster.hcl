# https://github.com/cloudposse/terraform-aws-ecs-cluster

version "0.1.0" {
  variable "context" {
    type    = any
    default = { enabled = true }
  }
  variable "enabled" {
    type    = bool
    default = null
  }
  variable "container_insights_enabled" {
    type    = bool
    default = true
  }
  variable "capacity_providers_ec2" {
    type    = map(object({}))
    default = {}
  }
  # Its labels become tags.
  module "label" {
    source = "cloudposse/label/null"
  }
  locals {
    enabled = var.enabled == null ? var.context.enabled : var.enabled
  }
  resource "aws_ecs_cluster" "cluster" {
    count = local.enabled ? 1 : 0
    tags  = module.label.tags
    setting {
      name  = "containerInsights"
      value = var.container_insights_enabled ? "enabled" : "disabled"
    }
  }
  resource "aws_ecs_capacity_provider" "own" {
    for_each = local.enabled ? var.capacity_providers_ec2 : {}
    auto_scaling_group_provider {
      managed_termination_protection = "ENABLED"
    }
  }
}

version "0.2.0" {
  variable "external_ec2_capacity_providers" {
    type    = map(object({ managed_termination_protection = bool }))
    default = {}
  }
  resource "aws_ecs_capacity_provider" "external" {
    for_each = local.enabled ? var.external_ec2_capacity_providers : {}
    auto_scaling_group_provider {
      managed_termination_protection = each.value.managed_termination_protection ? "ENABLED" : "DISABLED"
    }
  }
}

version "2.0.0" {
  without = ["var.container_insights_enabled"]
  variable "container_insights_mode" {
    type    = string
    default = "enabled"
    validation {
      condition     = contains(["enhanced", "enabled", "disabled"], var.container_insights_mode)
      error_message = "it is none of these"
    }
  }
  resource "aws_ecs_cluster" "cluster" {
    setting {
      name  = "containerInsights"
      value = var.container_insights_mode
    }
  }
}
