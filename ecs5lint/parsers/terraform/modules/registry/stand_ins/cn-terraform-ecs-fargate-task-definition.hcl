# https://github.com/cn-terraform/terraform-aws-ecs-fargate-task-definition

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
  variable "user" {
    type    = string
    default = ""
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
    version                  = "0.15.0"
    container_name           = var.container_name
    container_image          = var.container_image
    readonly_root_filesystem = var.readonly_root_filesystem
    user                     = var.user
    environment              = var.environment
    mount_points             = var.mount_points
  }
  resource "aws_ecs_task_definition" "task" {
    container_definitions = "[${module.container.json_map}]"
    network_mode          = "awsvpc"
  }
}

version "1.0.4" {
  module "container" {
    version = "0.21.0"
  }
}

version "1.0.5" {
  variable "log_configuration" {
    type    = any
    default = null
  }
  variable "firelens_configuration" {
    type    = object({ type = string, options = map(string) })
    default = null
  }
  module "container" {
    log_configuration      = var.log_configuration
    firelens_configuration = var.firelens_configuration
  }
}

version "1.0.7" {
  variable "user" {
    type    = string
    default = null
  }
}

version "1.0.9" {
  variable "volumes" {
    type    = list(object({ name = string, efs_volume_configuration = list(object({ file_system_id = string })) }))
    default = []
  }
  module "container" {
    version = "0.23.0"
  }
  resource "aws_ecs_task_definition" "task" {
    dynamic "volume" {
      for_each = var.volumes
      content {
        name = volume.value.name
        dynamic "efs_volume_configuration" {
          for_each = volume.value.efs_volume_configuration
          content {
            file_system_id = efs_volume_configuration.value.file_system_id
          }
        }
      }
    }
  }
}

# Up to 1.0.15, it put an object where JSON must stand, so nobody could deploy it.
version "1.0.13" {
  module "container" {
    version = "0.41.0"
  }
  resource "aws_ecs_task_definition" "task" {
    container_definitions = "[${module.container.json_map_encoded}]"
  }
}

version "1.0.17" {
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
  module "container" {
    version              = "0.45.2"
    container_definition = var.container_definition
    map_environment      = var.map_environment
    privileged           = var.privileged
  }
}

version "1.0.21" {
  variable "volumes" {
    type = list(object({
      name                     = string
      efs_volume_configuration = list(object({ transit_encryption = string }))
    }))
    default = []
  }
  module "container" {
    version = "0.50.0"
  }
  resource "aws_ecs_task_definition" "task" {
    dynamic "volume" {
      for_each = var.volumes
      content {
        name = volume.value.name
        dynamic "efs_volume_configuration" {
          for_each = volume.value.efs_volume_configuration
          content {
            transit_encryption = efs_volume_configuration.value.transit_encryption
          }
        }
      }
    }
  }
}

version "1.0.22" {
  module "container" {
    version = "0.53.0"
  }
}

version "1.0.23" {
  variable "tags" {
    type    = map(string)
    default = {}
  }
  resource "aws_ecs_task_definition" "task" {
    tags = var.tags
  }
}

version "1.0.24" {
  module "container" {
    version = "0.58.1"
  }
}

version "1.0.27" {
  variable "containers" {
    type    = list(any)
    default = []
  }
  resource "aws_ecs_task_definition" "task" {
    container_definitions = length(var.containers) == 0 ? "[${module.container.json_map_encoded}]" : jsonencode(var.containers)
  }
}

version "1.0.31" {
  variable "pid_mode" {
    type    = string
    default = null
  }
  variable "runtime_platform_operating_system_family" {
    type    = string
    default = "LINUX"
  }
  resource "aws_ecs_task_definition" "task" {
    pid_mode = var.pid_mode
    runtime_platform {
      operating_system_family = var.runtime_platform_operating_system_family
    }
  }
}

version "1.0.32" {
  variable "containers" {
    type    = any
    default = []
  }
  module "container" {
    version = "0.58.3"
  }
}

version "1.0.35" {
  module "container" {
    version = "0.60.0"
  }
}

version "1.0.36" {
  without = ["var.container_definition", "var.containers"]
  variable "container_definition_overrides" {
    type    = map(any)
    default = {}
  }
  variable "additional_containers" {
    type    = any
    default = []
  }
  module "container" {
    version              = "0.60.1"
    container_definition = var.container_definition_overrides
  }
  resource "aws_ecs_task_definition" "task" {
    container_definitions = jsonencode(concat(var.additional_containers, [module.container.json_map_object]))
  }
}
