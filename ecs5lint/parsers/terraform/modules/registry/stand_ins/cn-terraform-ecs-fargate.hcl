# https://github.com/cn-terraform/terraform-aws-ecs-fargate

version "1.0.0" {
  module "cluster" {
    source  = "cn-terraform/ecs-cluster/aws"
    version = "1.0.0"
  }
  resource "aws_ecs_task_definition" "task" {}
  resource "aws_ecs_service" "service" {
    task_definition = aws_ecs_task_definition.task.arn
    launch_type     = "FARGATE"
    network_configuration {
      assign_public_ip = true
    }
  }
}

version "2.0.5" {
  without = ["aws_ecs_service.service", "aws_ecs_task_definition.task"]
  variable "assign_public_ip" {
    type    = bool
    default = false
  }
  variable "platform_version" {
    default = "LATEST"
  }
  module "service" {
    source           = "cn-terraform/ecs-fargate-service/aws"
    version          = "1.0.3"
    assign_public_ip = var.assign_public_ip
    platform_version = var.platform_version
  }
}

version "2.0.11" {
  variable "platform_version" {
    default = "1.4.0"
  }
  module "service" {
    version = "2.0.1"
  }
}

version "2.0.26" {
  variable "tags" {
    type    = map(string)
    default = {}
  }
  module "cluster" {
    version = "1.0.7"
    tags    = var.tags
  }
  module "service" {
    version = "2.0.15"
    tags    = var.tags
  }
}
