# https://github.com/cn-terraform/terraform-aws-ecs-fargate-service

version "1.0.0" {
  variable "assign_public_ip" {
    type    = bool
    default = false
  }
  variable "platform_version" {
    default = "LATEST"
  }
  locals {
    tags = {}
  }
  resource "aws_ecs_service" "service" {
    launch_type      = "FARGATE"
    platform_version = var.platform_version
    tags             = local.tags
    network_configuration {
      assign_public_ip = var.assign_public_ip
    }
  }
}

version "1.0.10" {
  variable "internal_lb" {
    type    = bool
    default = false
  }
  resource "aws_ecs_service" "service" {
    network_configuration {
      assign_public_ip = !var.internal_lb && var.assign_public_ip
    }
  }
}

version "2.0.0" {
  without = ["var.internal_lb"]
  variable "platform_version" {
    default = "1.4.0"
  }
  locals {
    tags = { Name = "the name of the service" }
  }
  resource "aws_ecs_service" "service" {
    network_configuration {
      assign_public_ip = var.assign_public_ip
    }
  }
}

version "2.0.15" {
  variable "tags" {
    type    = map(string)
    default = {}
  }
  locals {
    tags = merge(var.tags, { Name = "the name of the service" })
  }
}
