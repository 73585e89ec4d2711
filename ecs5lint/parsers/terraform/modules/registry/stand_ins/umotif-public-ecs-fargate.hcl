# https://github.com/umotif-public/terraform-aws-ecs-fargate

version "1.0.0" {
  variable "tags" {
    type    = map(string)
    default = {}
  }
  variable "name_prefix" {
    type = string
  }
  variable "container_name" {
    type    = string
    default = ""
  }
  variable "task_container_image" {
    type = string
  }
  variable "task_container_environment" {
    type    = map(string)
    default = {}
  }
  variable "task_container_assign_public_ip" {
    type    = bool
    default = false
  }

  locals {
    logs       = { logDriver = "awslogs" }
    mounts     = null
    readonly   = {}
    containers = jsonencode([local.container])
    container = merge(local.readonly, {
      name             = var.container_name == "" ? var.name_prefix : var.container_name
      image            = var.task_container_image
      mountPoints      = local.mounts
      environment      = [for name, value in var.task_container_environment : { name = name, value = value }]
      logConfiguration = local.logs
    })
  }

  resource "aws_ecs_task_definition" "task" {
    container_definitions = local.containers
    network_mode          = "awsvpc"
    tags                  = var.tags
  }
  resource "aws_ecs_service" "service" {
    task_definition = aws_ecs_task_definition.task.arn
    launch_type     = "FARGATE"
    network_configuration {
      assign_public_ip = var.task_container_assign_public_ip
    }
  }
}

version "1.0.2" {
  resource "aws_ecs_task_definition" "task" {
    tags = merge(var.tags, { Name = "the name of the container" })
  }
  resource "aws_ecs_service" "service" {
    tags = merge(var.tags, { Name = "the name of the service" })
  }
}

version "1.1.0" {
  variable "volume" {
    type    = list(any)
    default = []
  }
  variable "capacity_provider_strategy" {
    type    = list(any)
    default = []
  }
  resource "aws_ecs_task_definition" "task" {
    dynamic "volume" {
      for_each = var.volume
      content {
        name = volume.value.name
      }
    }
  }
  resource "aws_ecs_service" "service" {
    launch_type = length(var.capacity_provider_strategy) > 0 ? null : "FARGATE"
    dynamic "capacity_provider_strategy" {
      for_each = var.capacity_provider_strategy
      iterator = item
      content {
        capacity_provider = item.value.capacity_provider
      }
    }
  }
}

version "1.2.0" {
  variable "platform_version" {
    default = "LATEST"
  }
  resource "aws_ecs_task_definition" "task" {
    dynamic "volume" {
      for_each = var.volume
      content {
        name = volume.value.name
        dynamic "efs_volume_configuration" {
          for_each = lookup(volume.value, "efs_volume_configuration", [])
          content {
            file_system_id = lookup(efs_volume_configuration.value, "file_system_id", null)
          }
        }
      }
    }
  }
  resource "aws_ecs_service" "service" {
    platform_version = var.platform_version
  }
}

version "1.4.0" {
  variable "task_mount_points" {
    type    = list(object({ sourceVolume = string, containerPath = string, readOnly = bool }))
    default = null
  }
  locals {
    mounts = var.task_mount_points
  }
}

version "4.0.0" {
  resource "aws_ecs_task_definition" "task" {
    dynamic "volume" {
      for_each = var.volume
      content {
        name = volume.value.name
        dynamic "efs_volume_configuration" {
          for_each = lookup(volume.value, "efs_volume_configuration", [])
          content {
            file_system_id     = lookup(efs_volume_configuration.value, "file_system_id", null)
            transit_encryption = lookup(efs_volume_configuration.value, "transit_encryption", null)
          }
        }
      }
    }
  }
}

version "6.5.0" {
  variable "operating_system_family" {
    type    = string
    default = "LINUX"
  }
  resource "aws_ecs_task_definition" "task" {
    runtime_platform {
      operating_system_family = var.operating_system_family
    }
  }
}

version "6.7.0" {
  variable "readonlyRootFilesystem" {
    type    = bool
    default = false
  }
  locals {
    readonly = { readonlyRootFilesystem = var.readonlyRootFilesystem ? true : false }
  }
}

version "7.0.0" {
  variable "enable_logs" {
    type    = bool
    default = true
  }
  variable "container_definitions" {
    type    = string
    default = null
  }
  locals {
    logs       = var.enable_logs ? { logDriver = "awslogs" } : null
    containers = var.container_definitions == null ? jsonencode([local.container]) : var.container_definitions
  }
}
