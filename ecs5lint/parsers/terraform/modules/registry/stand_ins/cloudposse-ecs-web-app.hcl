# https://github.com/cloudposse/terraform-aws-ecs-web-app

version "0.1.0" {
  variable "launch_type" {
    type    = string
    default = "FARGATE"
  }
  module "service" {
    source      = "cloudposse/ecs-alb-service-task/aws"
    version     = "0.2.0"
    launch_type = var.launch_type
  }
}

version "0.10.0" {
  module "service" {
    version = "0.6.3"
  }
}

version "0.23.0" {
  module "service" {
    version = "0.14.0"
  }
}

version "0.24.0" {
  module "service" {
    version = "0.17.0"
  }
}

version "0.25.0" {
  module "service" {
    version = "0.19.0"
  }
}

version "0.27.0" {
  module "service" {
    version = "0.21.0"
  }
}

version "0.29.0" {
  module "service" {
    version = "0.31.0"
  }
}

version "0.34.0" {
  variable "assign_public_ip" {
    type    = bool
    default = false
  }
  variable "platform_version" {
    type    = string
    default = "LATEST"
  }
  variable "capacity_provider_strategies" {
    type    = list(object({ capacity_provider = string }))
    default = []
  }
  module "service" {
    version                      = "0.35.0"
    assign_public_ip             = var.assign_public_ip
    platform_version             = var.platform_version
    capacity_provider_strategies = var.capacity_provider_strategies
  }
}

version "0.46.0" {
  variable "context" {
    type    = any
    default = { enabled = true }
  }
  variable "enabled" {
    type    = bool
    default = null
  }
  module "service" {
    version = "0.42.0"
    enabled = var.enabled
    context = var.context
  }
}

version "0.57.1" {
  module "service" {
    version = "0.54.2"
  }
}

version "0.67.0" {
  variable "network_mode" {
    type    = string
    default = "awsvpc"
  }
  module "service" {
    version      = "0.60.1"
    network_mode = var.network_mode
  }
}
