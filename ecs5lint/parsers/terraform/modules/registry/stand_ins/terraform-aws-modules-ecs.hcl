# https://github.com/terraform-aws-modules/terraform-aws-ecs

version "0.0.1" {}

version "1.0.0" {
  variable "create_ecs" {
    type    = bool
    default = true
  }
  variable "name" {
    type = string
  }
  resource "aws_ecs_cluster" "cluster" {
    count = var.create_ecs ? 1 : 0
  }
}

version "1.3.0" {
  variable "tags" {
    type    = map(string)
    default = {}
  }
  resource "aws_ecs_cluster" "cluster" {
    tags = var.tags
  }
}

version "2.3.0" {
  variable "container_insights" {
    type    = bool
    default = false
  }
  resource "aws_ecs_cluster" "cluster" {
    setting {
      name  = "containerInsights"
      value = var.container_insights ? "enabled" : "disabled"
    }
  }
}

version "2.5.0" {
  variable "name" {
    type    = string
    default = null
  }
  variable "capacity_providers" {
    type    = list(string)
    default = []
  }
}

version "4.0.0" {
  without = ["var.capacity_providers", "var.create_ecs", "var.name", "var.container_insights"]
  variable "create" {
    type    = bool
    default = true
  }
  variable "cluster_name" {
    type    = string
    default = ""
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
    setting {
      name  = var.cluster_settings.name
      value = var.cluster_settings.value
    }
  }
  resource "aws_ecs_capacity_provider" "provider" {
    for_each = { for name, given in var.autoscaling_capacity_providers : name => given if var.create }
    auto_scaling_group_provider {
      managed_termination_protection = try(each.value.managed_termination_protection, null)
    }
  }
}

version "5.0.0" {
  without = ["aws_ecs_cluster.cluster", "aws_ecs_capacity_provider.provider"]
  variable "cluster_tags" {
    type    = map(string)
    default = {}
  }
  variable "services" {
    type    = any
    default = {}
  }
  module "cluster" {
    source                         = "terraform-aws-modules/ecs/aws//modules/cluster"
    version                        = "5.0.0"
    create                         = var.create
    cluster_settings               = var.cluster_settings
    autoscaling_capacity_providers = var.autoscaling_capacity_providers
    tags                           = merge(var.tags, var.cluster_tags)
  }
  module "service" {
    source                     = "terraform-aws-modules/ecs/aws//modules/service"
    version                    = "5.0.0"
    for_each                   = { for name, given in var.services : name => given if var.create }
    create                     = try(each.value.create, true)
    create_task_definition     = try(each.value.create_task_definition, true)
    launch_type                = try(each.value.launch_type, "FARGATE")
    platform_version           = try(each.value.platform_version, null)
    network_mode               = try(each.value.network_mode, "awsvpc")
    assign_public_ip           = try(each.value.assign_public_ip, false)
    capacity_provider_strategy = try(each.value.capacity_provider_strategy, {})
    deployment_controller      = try(each.value.deployment_controller, {})
    tags                       = merge(var.tags, try(each.value.tags, {}))
    task_tags                  = try(each.value.task_tags, {})
  }
}

version "5.0.1" {
  module "service" {
    version = "5.0.1"
  }
}

version "5.8.1" {
  variable "cluster_settings" {
    type    = any
    default = [{ name = "containerInsights", value = "enabled" }]
  }
  module "cluster" {
    version = "5.8.1"
  }
}

version "5.10.0" {
  module "service" {
    version        = "5.10.0"
    create_service = try(each.value.create_service, true)
  }
}

version "6.0.0" {
  without = ["var.cluster_settings", "module.cluster"]
  variable "cluster_setting" {
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
  variable "services" {
    type = map(object({
      create                     = optional(bool)
      create_service             = optional(bool)
      create_task_definition     = optional(bool)
      launch_type                = optional(string)
      platform_version           = optional(string)
      network_mode               = optional(string)
      assign_public_ip           = optional(bool)
      capacity_provider_strategy = optional(map(object({ capacity_provider = string })))
      deployment_controller      = optional(object({ type = optional(string) }))
      tags                       = optional(map(string))
      service_tags               = optional(map(string))
      task_tags                  = optional(map(string))
    }))
    default = null
  }
  module "cluster" {
    source                         = "terraform-aws-modules/ecs/aws//modules/cluster"
    version                        = "6.0.0"
    create                         = var.create
    setting                        = var.cluster_setting
    autoscaling_capacity_providers = var.autoscaling_capacity_providers
    tags                           = merge(var.tags, var.cluster_tags)
  }
  # The attributes of a service have the defaults that the inputs have since 6.1.4.
  module "service" {
    version                    = "6.1.4"
    for_each                   = var.create && var.services != null ? var.services : {}
    create                     = each.value.create
    create_service             = each.value.create_service
    create_task_definition     = each.value.create_task_definition
    launch_type                = each.value.launch_type
    platform_version           = each.value.platform_version
    network_mode               = each.value.network_mode
    assign_public_ip           = each.value.assign_public_ip
    capacity_provider_strategy = each.value.capacity_provider_strategy
    deployment_controller      = each.value.deployment_controller
    tags                       = merge(var.tags, each.value.tags)
    service_tags               = each.value.service_tags
    task_tags                  = each.value.task_tags
  }
}

version "7.0.0" {
  without = ["var.autoscaling_capacity_providers", "module.cluster"]
  variable "capacity_providers" {
    type = map(object({
      auto_scaling_group_provider = optional(object({
        managed_scaling                = optional(object({}))
        managed_termination_protection = optional(string)
      }))
    }))
    default = null
  }
  module "cluster" {
    source             = "terraform-aws-modules/ecs/aws//modules/cluster"
    version            = "7.0.0"
    create             = var.create
    setting            = var.cluster_setting
    capacity_providers = var.capacity_providers
    tags               = merge(var.tags, var.cluster_tags)
  }
}
