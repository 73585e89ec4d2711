# https://github.com/cn-terraform/terraform-aws-ecs-fargate

version "1.0.0" {
  variable "container_name" {
    type    = string
    default = null
  }
  variable "container_image" {
    type    = string
    default = null
  }
  variable "readonly_root_filesystem" {
    type    = bool
    default = false
  }
  variable "environment" {
    type    = list(object({ name = string, value = string }))
    default = []
  }
  variable "mount_points" {
    type    = list(any)
    default = []
  }

  module "container" {
    source                   = "cloudposse/ecs-container-definition/aws"
    version                  = "0.7.0"
    container_name           = var.container_name
    container_image          = var.container_image
    readonly_root_filesystem = var.readonly_root_filesystem
    environment              = var.environment
    mount_points             = var.mount_points
  }
  module "cluster" {
    source  = "cn-terraform/ecs-cluster/aws"
    version = "1.0.0"
  }
  resource "aws_ecs_task_definition" "task" {
    container_definitions = "[${module.container.json_map}]"
    network_mode          = "awsvpc"
  }
  resource "aws_ecs_service" "service" {
    task_definition = aws_ecs_task_definition.task.arn
    launch_type     = "FARGATE"
    network_configuration {
      assign_public_ip = true
    }
  }
}

version "1.1.0" {
  variable "user" {
    type    = string
    default = ""
  }
  module "container" {
    version = "0.15.0"
    user    = var.user
  }
}

version "2.0.5" {
  without = ["aws_ecs_service.service", "aws_ecs_task_definition.task", "module.container"]
  variable "assign_public_ip" {
    type    = bool
    default = false
  }
  variable "platform_version" {
    default = "LATEST"
  }
  module "task" {
    source                   = "cn-terraform/ecs-fargate-task-definition/aws"
    version                  = "1.0.3"
    container_name           = var.container_name
    container_image          = var.container_image
    readonly_root_filesystem = var.readonly_root_filesystem
    environment              = var.environment
    mount_points             = var.mount_points
    user                     = var.user
  }
  module "service" {
    source           = "cn-terraform/ecs-fargate-service/aws"
    version          = "1.0.3"
    assign_public_ip = var.assign_public_ip
    platform_version = var.platform_version
  }
}

version "2.0.7" {
  variable "log_configuration" {
    type    = any
    default = null
  }
  variable "firelens_configuration" {
    type    = object({ type = string, options = map(string) })
    default = null
  }
  module "task" {
    version                = "1.0.5"
    log_configuration      = var.log_configuration
    firelens_configuration = var.firelens_configuration
  }
}

version "2.0.8" {
  variable "user" {
    type    = string
    default = null
  }
  module "task" {
    version = "1.0.8"
  }
}

version "2.0.11" {
  variable "platform_version" {
    default = "1.4.0"
  }
  variable "volumes" {
    type    = list(object({ name = string, efs_volume_configuration = list(object({ file_system_id = string })) }))
    default = []
  }
  module "task" {
    version = "1.0.10"
    volumes = var.volumes
  }
  module "service" {
    version = "2.0.1"
  }
}

version "2.0.12" {
  without = ["var.log_configuration"]
  module "task" {
    log_configuration = { logDriver = "awslogs" }
  }
}

version "2.0.13" {
  variable "log_configuration" {
    type    = any
    default = null
  }
  module "task" {
    log_configuration = var.log_configuration
  }
}

version "2.0.18" {
  module "task" {
    version = "1.0.15"
  }
}

version "2.0.19" {
  module "task" {
    version = "1.0.16"
  }
}

version "2.0.22" {
  variable "container_definition" {
    type    = map(any)
    default = {}
  }
  variable "map_environment" {
    type    = map(string)
    default = null
  }
  variable "privileged" {
    type    = bool
    default = null
  }
  module "task" {
    version              = "1.0.17"
    container_definition = var.container_definition
    map_environment      = var.map_environment
    privileged           = var.privileged
  }
}

version "2.0.24" {
  variable "volumes" {
    type = list(object({
      name                     = string
      efs_volume_configuration = list(object({ transit_encryption = string }))
    }))
    default = []
  }
  module "task" {
    version = "1.0.21"
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
  module "task" {
    version = "1.0.23"
    tags    = var.tags
  }
  module "service" {
    version = "2.0.15"
    tags    = var.tags
  }
}

version "2.0.28" {
  module "task" {
    version = "1.0.24"
  }
}

version "2.0.52" {
  module "task" {
    version = "1.0.32"
  }
}

version "2.0.53" {
  without = ["var.container_definition", "module.task"]
  variable "container_definition_overrides" {
    type    = map(any)
    default = {}
  }
  variable "additional_containers" {
    type    = any
    default = []
  }
  module "task" {
    source                         = "cn-terraform/ecs-fargate-task-definition/aws"
    version                        = "1.0.36"
    container_name                 = var.container_name
    container_image                = var.container_image
    readonly_root_filesystem       = var.readonly_root_filesystem
    environment                    = var.environment
    map_environment                = var.map_environment
    mount_points                   = var.mount_points
    user                           = var.user
    privileged                     = var.privileged
    log_configuration              = var.log_configuration
    firelens_configuration         = var.firelens_configuration
    volumes                        = var.volumes
    tags                           = var.tags
    container_definition_overrides = var.container_definition_overrides
    additional_containers          = var.additional_containers
  }
}
