# https://github.com/DataDog/terraform-aws-ecs-datadog/tree/main/modules/ecs_fargate

version "0.1.0" {
  variable "container_definitions" {
    type = any
  }
  variable "dd_environment" {
    type     = list(map(string))
    default  = [{}]
    nullable = false
  }
  variable "dd_log_collection" {
    type    = object({ enabled = optional(bool, false) })
    default = { enabled = false }
  }
  variable "dd_cws" {
    type    = object({ enabled = optional(bool, false) })
    default = { enabled = false }
  }
  variable "network_mode" {
    type    = string
    default = "awsvpc"
    validation {
      condition     = var.network_mode == "awsvpc"
      error_message = "Fargate needs it"
    }
  }
  variable "pid_mode" {
    type    = string
    default = "task"
  }
  variable "runtime_platform" {
    type    = object({ operating_system_family = optional(string, "X86_64") })
    default = { operating_system_family = "LINUX" }
  }
  variable "tags" {
    type    = map(string)
    default = null
  }
  variable "volumes" {
    type = list(object({
      name                     = string
      efs_volume_configuration = optional(object({ transit_encryption = optional(string) }))
    }))
    default = []
  }

  locals {
    # The log router and the tracer run on Linux alone.
    is_linux = try(contains([null, "LINUX"], var.runtime_platform.operating_system_family), true)
    logs     = local.is_linux && var.dd_log_collection.enabled ? [{ logDriver = "awsfirelens" }] : []
    given    = jsondecode(var.container_definitions)
    readonly = {}
    router   = {}
    agent = {
      name             = "datadog-agent"
      environment      = var.dd_environment
      logConfiguration = one(local.logs)
    }
  }

  resource "aws_ecs_task_definition" "task" {
    container_definitions = jsonencode(concat(
      [for given in local.readonly : { name = "init-volume", readonlyRootFilesystem = true }],
      [merge(local.agent, { for name, given in local.readonly : name => given })],
      [for given in local.logs : merge(local.router, { name = "datadog-log-router", user = "0" })],
      local.is_linux && var.dd_cws.enabled ? [{ name = "cws-instrumentation-init", user = "0" }] : [],
      [for given in local.given : given if length(local.logs) == 0],
      [for given in local.given : merge(given, { logConfiguration = local.logs[0] }) if length(local.logs) > 0],
    ))
    network_mode = var.network_mode
    pid_mode     = var.pid_mode
    tags         = merge(var.tags, { dd_ecs_terraform_module = "the version of the module" })
    dynamic "runtime_platform" {
      for_each = var.runtime_platform[*]
      content {
        operating_system_family = runtime_platform.value.operating_system_family
      }
    }
    dynamic "volume" {
      for_each = coalesce(var.volumes, [])
      content {
        name = volume.value.name
        dynamic "efs_volume_configuration" {
          for_each = volume.value.efs_volume_configuration[*]
          content {
            transit_encryption = efs_volume_configuration.value.transit_encryption
          }
        }
      }
    }
  }
}

version "1.0.6" {
  variable "dd_readonly_root_filesystem" {
    type     = bool
    default  = false
    nullable = false
  }
  locals {
    readonly = var.dd_readonly_root_filesystem ? { readonlyRootFilesystem = true } : {}
  }
}

version "1.1.1" {
  locals {
    router = { readonlyRootFilesystem = var.dd_readonly_root_filesystem }
  }
}
