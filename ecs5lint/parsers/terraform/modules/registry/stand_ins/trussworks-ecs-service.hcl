# https://github.com/trussworks/terraform-aws-ecs-service
#
# One service stands for the one with and the one without a load balancer.

version "1.0.0" {
  variable "name" {
    type = string
  }
  variable "environment" {
    type = string
  }
  variable "ecs_use_fargate" {
    type    = bool
    default = false
  }

  locals {
    public     = false
    platform   = null
    name       = "${var.name}-${var.environment}"
    image      = "nginx:stable"
    own        = jsonencode([{ name = local.name, image = local.image, logConfiguration = { logDriver = "awslogs" } }])
    containers = local.own
  }

  resource "aws_ecs_task_definition" "task" {
    container_definitions = local.containers
    network_mode          = "awsvpc"
  }
  resource "aws_ecs_service" "service" {
    task_definition  = aws_ecs_task_definition.task.arn
    launch_type      = var.ecs_use_fargate ? "FARGATE" : "EC2"
    platform_version = local.platform
    network_configuration {
      assign_public_ip = local.public
    }
  }
}

version "1.3.0" {
  variable "container_definitions" {
    type    = string
    default = ""
  }
  locals {
    containers = var.container_definitions == "" ? local.own : var.container_definitions
  }
}

version "1.11.0" {
  variable "target_container_name" {
    type    = string
    default = ""
  }
  locals {
    name = var.target_container_name == "" ? "${var.name}-${var.environment}" : var.target_container_name
  }
}

version "1.12.0" {
  variable "container_image" {
    type    = string
    default = "golang:alpine"
  }
  locals {
    image = var.container_image
  }
}

version "1.16.0" {
  variable "assign_public_ip" {
    type    = bool
    default = false
  }
  locals {
    public = var.assign_public_ip
  }
}

version "1.17.0" {
  without = ["var.assign_public_ip"]
  locals {
    public = false
  }
}

version "2.1.2" {
  variable "assign_public_ip" {
    type    = bool
    default = false
  }
  locals {
    public = var.assign_public_ip
  }
}

version "3.2.0" {
  variable "fargate_platform_version" {
    type    = string
    default = "LATEST"
  }
  locals {
    platform = var.ecs_use_fargate ? var.fargate_platform_version : null
  }
}

version "4.0.0" {
  without = ["var.fargate_platform_version"]
  locals {
    platform = null
  }
}

version "5.1.0" {
  variable "fargate_platform_version" {
    type    = string
    default = "LATEST"
  }
  locals {
    platform = var.ecs_use_fargate ? var.fargate_platform_version : null
  }
}

version "6.6.0" {
  variable "container_volumes" {
    type    = list(object({ name = string }))
    default = []
  }
  resource "aws_ecs_task_definition" "task" {
    dynamic "volume" {
      for_each = var.container_volumes
      content {
        name = volume.value.name
      }
    }
  }
}

version "7.2.0" {
  variable "container_volumes" {
    type    = any
    default = []
  }
  resource "aws_ecs_task_definition" "task" {
    dynamic "volume" {
      for_each = var.container_volumes
      content {
        name = volume.value.name
        dynamic "efs_volume_configuration" {
          for_each = try([volume.value.efs_volume_configuration], [])
          content {
            transit_encryption = try(efs_volume_configuration.value.transit_encryption, "ENABLED")
          }
        }
      }
    }
  }
}
