# https://github.com/terraform-aws-modules/terraform-aws-ecs/tree/master/modules/cluster

version "5.0.0" {
  variable "create" {
    type    = bool
    default = true
  }
  variable "tags" {
    type    = map(string)
    default = {}
  }
  variable "cluster_settings" {
    type    = map(string)
    default = { name = "containerInsights", value = "enabled" }
  }
  variable "autoscaling_capacity_providers" {
    type    = any
    default = {}
  }

  resource "aws_ecs_cluster" "cluster" {
    count = var.create ? 1 : 0
    tags  = var.tags
    setting {
      name  = var.cluster_settings.name
      value = var.cluster_settings.value
    }
  }
  # Without managed scaling, there is no protection.
  resource "aws_ecs_capacity_provider" "provider" {
    for_each = { for name, given in var.autoscaling_capacity_providers : name => given if var.create }
    auto_scaling_group_provider {
      managed_termination_protection = can(each.value.managed_scaling) ? try(each.value.managed_termination_protection, null) : "DISABLED"
    }
  }
}

version "5.8.1" {
  variable "cluster_settings" {
    type    = any
    default = [{ name = "containerInsights", value = "enabled" }]
  }
  resource "aws_ecs_cluster" "cluster" {
    dynamic "setting" {
      for_each = flatten([var.cluster_settings])
      content {
        name  = setting.value.name
        value = setting.value.value
      }
    }
  }
}

version "6.0.0" {
  without = ["var.cluster_settings"]
  variable "setting" {
    type    = list(object({ name = string, value = string }))
    default = [{ name = "containerInsights", value = "enabled" }]
  }
  variable "autoscaling_capacity_providers" {
    type = map(object({
      managed_scaling                = optional(object({}))
      managed_termination_protection = optional(string)
    }))
    default = null
  }
  resource "aws_ecs_cluster" "cluster" {
    dynamic "setting" {
      for_each = var.setting == null ? [] : var.setting
      content {
        name  = setting.value.name
        value = setting.value.value
      }
    }
  }
  resource "aws_ecs_capacity_provider" "provider" {
    for_each = var.create && var.autoscaling_capacity_providers != null ? var.autoscaling_capacity_providers : {}
    auto_scaling_group_provider {
      managed_termination_protection = each.value.managed_scaling == null ? "DISABLED" : each.value.managed_termination_protection
    }
  }
}

version "7.0.0" {
  without = ["var.autoscaling_capacity_providers"]
  variable "capacity_providers" {
    type = map(object({
      auto_scaling_group_provider = optional(object({
        managed_scaling                = optional(object({}))
        managed_termination_protection = optional(string)
      }))
    }))
    default = null
  }
  resource "aws_ecs_capacity_provider" "provider" {
    for_each = var.create && var.capacity_providers != null ? var.capacity_providers : {}
    dynamic "auto_scaling_group_provider" {
      for_each = each.value.auto_scaling_group_provider[*]
      iterator = group
      content {
        managed_termination_protection = group.value.managed_scaling == null ? "DISABLED" : group.value.managed_termination_protection
      }
    }
  }
}
