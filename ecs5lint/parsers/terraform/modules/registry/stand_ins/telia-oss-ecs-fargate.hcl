# https://github.com/telia-oss/terraform-aws-ecs-fargate

version "0.1.0" {
  variable "name_prefix" {
    type = string
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
    # A number of its own says how many of the variables count.
    environment = data.null_data_source.environment.outputs
    name        = var.name_prefix
    mounts      = null
    settings    = {}
    sidecars    = []
    container = merge(local.settings, {
      name             = local.name
      image            = var.task_container_image
      mountPoints      = local.mounts
      environment      = local.environment
      logConfiguration = { logDriver = "awslogs" }
    })
  }

  data "null_data_source" "environment" {}
  resource "aws_ecs_task_definition" "task" {
    container_definitions = jsonencode(concat([local.container], local.sidecars))
    network_mode          = "awsvpc"
  }
  resource "aws_ecs_service" "service" {
    task_definition = aws_ecs_task_definition.task.arn
    launch_type     = "FARGATE"
    network_configuration {
      assign_public_ip = var.task_container_assign_public_ip
    }
  }
}

version "0.3.0" {
  variable "container_name" {
    type    = string
    default = ""
  }
  locals {
    name = var.container_name == "" ? var.name_prefix : var.container_name
  }
}

version "3.1.0" {
  locals {
    environment = [for name, value in var.task_container_environment : { name = name, value = value }]
  }
}

version "5.3.0" {
  variable "privileged" {
    type    = bool
    default = false
  }
  variable "efs_volumes" {
    type    = list(object({ name = string, mount_point = string }))
    default = []
  }
  locals {
    settings = { privileged = var.privileged }
    mounts   = [for volume in var.efs_volumes : { sourceVolume = volume.name, containerPath = volume.mount_point }]
  }
  resource "aws_ecs_task_definition" "task" {
    dynamic "volume" {
      for_each = var.efs_volumes
      content {
        name = volume.value.name
        efs_volume_configuration {
          transit_encryption = "ENABLED"
        }
      }
    }
  }
}

version "6.0.0" {
  variable "sidecar_containers" {
    type    = list(any)
    default = []
  }
  variable "mount_points" {
    type    = list(any)
    default = []
  }
  # The volumes in `volumes` have no more than a name.
  locals {
    mounts   = concat([for volume in var.efs_volumes : { sourceVolume = volume.name, containerPath = volume.mount_point }], var.mount_points)
    sidecars = var.sidecar_containers
  }
}

version "6.2.0" {
  variable "readonlyRootFilesystem" {
    type    = bool
    default = false
  }
  locals {
    settings = { privileged = var.privileged, readonlyRootFilesystem = var.readonlyRootFilesystem }
  }
}

version "7.0.0" {
  variable "task_definition_os_family" {
    type    = string
    default = "LINUX"
  }
  resource "aws_ecs_task_definition" "task" {
    runtime_platform {
      operating_system_family = var.task_definition_os_family
    }
  }
}

version "7.1.1" {
  variable "sidecar_containers" {
    type    = any
    default = []
  }
}

version "7.2.2" {
  variable "capacity_provider_strategy" {
    type    = list(any)
    default = []
  }
  resource "aws_ecs_service" "service" {
    launch_type = length(var.capacity_provider_strategy) > 0 ? null : "FARGATE"
    dynamic "capacity_provider_strategy" {
      for_each = var.capacity_provider_strategy
      iterator = item
      content {
        capacity_provider = lookup(item.value, "capacity_provider", null)
      }
    }
  }
}
