"""Generate the inputs of the benchmarks. They are the same on every machine, with realistic sizes and proportions.

Each function writes the input with a given number to a directory.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

Write = Callable[[Path, int], None]

_WORDS = "service image name port memory build version deploy value region bucket queue policy resource".split()
_ENDINGS = ("json", "yaml", "yml", "tf", "py", "ts", "go", "md", "txt", "template")


def write_task_definition(directory: Path, number: int) -> None:
    """Write a task definition with three containers, one of them without the setting."""
    document = _task_definition(number)
    del document["containerDefinitions"][number % 3]["readonlyRootFilesystem"]
    _write_json(directory / f"{number}.json", document)


def write_passing_task_definition(directory: Path, number: int) -> None:
    """Write a task definition with three containers, all of them with the setting."""
    _write_json(directory / f"{number}.json", _task_definition(number))


def write_hardened_task_definition(directory: Path, number: int) -> None:
    """Write a task definition with three containers, in which no rule finds anything."""
    document = _task_definition(number)
    for container in document["containerDefinitions"]:
        container |= {"user": "1000", "logConfiguration": {"logDriver": "awslogs"}}
    runtime = {"operatingSystemFamily": "LINUX", "cpuArchitecture": "X86_64"}
    _write_json(directory / f"{number}.json", document | {"networkMode": "awsvpc", "runtimePlatform": runtime})


def _write_json(path: Path, document: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=2))


def _task_definition(number: int) -> dict[str, Any]:
    containers = [
        {
            "name": name,
            "image": f"registry.example/{name}:{number}",
            "essential": True,
            "portMappings": [{"containerPort": 8080 + number % 100}],
            "environment": [{"name": f"SETTING_{key}", "value": f"value {key}"} for key in range(20)],
            "readonlyRootFilesystem": True,
        }
        for name in ("web", "proxy", "log")
    ]
    return {"family": f"web-{number}", "cpu": "256", "memory": "512", "containerDefinitions": containers}


def write_cdk_template(directory: Path, number: int) -> None:
    """Write a template as the CDK synthesizes it: hundreds of resources, and a task definition that fails."""
    document = _cdk_template(number)
    del document["Resources"]["TaskDefinition"]["Properties"]["ContainerDefinitions"][0]["ReadonlyRootFilesystem"]
    _write_json(directory / f"{number}.template.json", document)


def write_passing_cdk_template(directory: Path, number: int) -> None:
    """Write a template as the CDK synthesizes it: hundreds of resources, and a task definition that passes."""
    _write_json(directory / f"{number}.template.json", _cdk_template(number))


def _cdk_template(number: int) -> dict[str, Any]:
    resources = {}
    for index in range(0, 400, 4):
        name = f"Part{index}{random.Random(number + index).randrange(16**8):08X}"
        role, policy, function, queue = (f"{name}{kind}" for kind in ("Role", "Policy", "Function", "Queue"))
        partition = {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::aws:policy/service-role/Basic"]]}
        statement = {"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}
        resources[role] = _cdk_resource(
            "AWS::IAM::Role", role, AssumeRolePolicyDocument={"Statement": [statement]}, ManagedPolicyArns=[partition]
        )
        allowed = {"Action": ["sqs:SendMessage", "sqs:GetQueueUrl"], "Resource": {"Fn::GetAtt": [queue, "Arn"]}}
        resources[policy] = _cdk_resource(
            "AWS::IAM::Policy", policy, PolicyDocument={"Statement": [allowed] * 3}, Roles=[{"Ref": role}]
        )
        resources[function] = _cdk_resource(
            "AWS::Lambda::Function",
            function,
            Code={"S3Bucket": {"Fn::Sub": "assets-${AWS::AccountId}-${AWS::Region}"}, "S3Key": f"{index:064}.zip"},
            Environment={"Variables": {f"SETTING_{key}": {"Ref": queue} for key in range(8)}},
            Role={"Fn::GetAtt": [role, "Arn"]},
        )
        resources[queue] = _cdk_resource("AWS::SQS::Queue", queue, VisibilityTimeout=300)
    container = {
        "Environment": [{"Name": f"SETTING_{key}", "Value": {"Ref": "AWS::Region"}} for key in range(20)],
        "Essential": True,
        "Image": "registry.example/web:1",
        "Name": "web",
        "ReadonlyRootFilesystem": True,
    }
    resources["TaskDefinition"] = _cdk_resource(
        "AWS::ECS::TaskDefinition", "TaskDefinition", ContainerDefinitions=[container], Family=f"web-{number}"
    )
    return {"Resources": resources}


def _cdk_resource(kind: str, name: str, **properties: object) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties, "Metadata": {"aws:cdk:path": f"Stack/{name}/Resource"}}


def write_template(directory: Path, number: int) -> None:
    """Write a CloudFormation template: a service with its resources and two containers, one of which fails."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / f"{number}.yaml").write_text(f"""\
AWSTemplateFormatVersion: "2010-09-09"
Description: The service web-{number}
Parameters:
  Stage: {{Type: String, AllowedValues: [test, live], Default: test}}
  VpcId: {{Type: AWS::EC2::VPC::Id}}
  SubnetIds: {{Type: List<AWS::EC2::Subnet::Id>}}
  Image: {{Type: String, Default: "registry.example/web:{number}"}}
Conditions:
  IsLive: !Equals [!Ref Stage, live]
Resources:
  Cluster:
    Type: AWS::ECS::Cluster
  LogGroup:
    Type: AWS::Logs::LogGroup
    Properties:
      LogGroupName: !Sub "/ecs/web-{number}-${{Stage}}"
      RetentionInDays: !If [IsLive, 365, 7]
  ExecutionRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {{Service: ecs-tasks.amazonaws.com}}
            Action: sts:AssumeRole
      ManagedPolicyArns:
        - !Sub "arn:${{AWS::Partition}}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
  SecurityGroup:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: What may reach the service
      VpcId: !Ref VpcId
      SecurityGroupIngress:
        - {{IpProtocol: tcp, FromPort: 8080, ToPort: 8080, CidrIp: 10.0.0.0/8}}
  Web{number}:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: !Sub "web-{number}-${{Stage}}"
      Cpu: "256"
      Memory: "512"
      NetworkMode: awsvpc
      RequiresCompatibilities: [FARGATE]
      ExecutionRoleArn: !GetAtt ExecutionRole.Arn
      ContainerDefinitions:
        - Name: web
          Image: !Ref Image
          ReadonlyRootFilesystem: !If [IsLive, true, false]
          PortMappings:
            - ContainerPort: 8080
          Environment:
            - {{Name: STAGE, Value: !Ref Stage}}
            - {{Name: REGION, Value: !Ref "AWS::Region"}}
          LogConfiguration:
            LogDriver: awslogs
            Options:
              awslogs-group: !Ref LogGroup
              awslogs-region: !Ref "AWS::Region"
              awslogs-stream-prefix: web
        - Name: log
          Image: fluent-bit
          ReadonlyRootFilesystem: true
  Service:
    Type: AWS::ECS::Service
    Properties:
      Cluster: !Ref Cluster
      TaskDefinition: !Ref Web{number}
      DesiredCount: !If [IsLive, 3, 1]
      LaunchType: FARGATE
      NetworkConfiguration:
        AwsvpcConfiguration:
          SecurityGroups: [!Ref SecurityGroup]
          Subnets: !Ref SubnetIds
Outputs:
  ServiceName:
    Value: !GetAtt Service.Name
""")


def write_module(directory: Path, number: int) -> None:
    """Write a Terraform module: a service with its resources and two containers, one of which fails."""
    module = directory / f"module-{number}"
    module.mkdir(parents=True, exist_ok=True)
    (module / "variables.tf").write_text("""\
variable "stage" {
  description = "Where it runs."
  type        = string
}

variable "image" {
  type = string
}

variable "subnet_ids" {
  type = list(string)
}

variable "settings" {
  description = "Environment variables."
  type        = map(string)
  default     = {}
}

variable "read_only" {
  type    = bool
  default = true
}
""")
    (module / "main.tf").write_text(f"""\
locals {{
  name = "web-{number}-${{var.stage}}"
  tags = {{
    Service = "web-{number}"
    Stage   = var.stage
  }}
  log = {{
    name                   = "log"
    image                  = "fluent-bit"
    essential              = false
    readonlyRootFilesystem = var.read_only
  }}
}}

data "aws_region" "current" {{}}

resource "aws_ecs_cluster" "this" {{
  name = local.name
  tags = local.tags
}}

resource "aws_cloudwatch_log_group" "web" {{
  name              = "/ecs/${{local.name}}"
  retention_in_days = var.stage == "live" ? 365 : 7
  tags              = local.tags
}}

resource "aws_ecs_task_definition" "web" {{
  family                   = local.name
  cpu                      = 256
  memory                   = 512
  network_mode             = "awsvpc"
  requires_compatibilities = ["FARGATE"]
  execution_role_arn       = aws_iam_role.execution.arn

  container_definitions = jsonencode([
    {{
      name      = "web"
      image     = "${{var.image}}:{number}"
      essential = true
      portMappings = [
        {{
          containerPort = 8080
          protocol      = "tcp"
        }}
      ]
      environment = [for name, value in var.settings : {{ name = name, value = value }}]
      logConfiguration = {{
        logDriver = "awslogs"
        options = {{
          "awslogs-group"         = aws_cloudwatch_log_group.web.name
          "awslogs-region"        = data.aws_region.current.name
          "awslogs-stream-prefix" = "web"
        }}
      }}
    }},
    local.log,
  ])

  tags = local.tags
}}

resource "aws_ecs_service" "web" {{
  name            = local.name
  cluster         = aws_ecs_cluster.this.id
  task_definition = aws_ecs_task_definition.web.arn
  desired_count   = var.stage == "live" ? 3 : 1
  launch_type     = "FARGATE"

  network_configuration {{
    subnets         = var.subnet_ids
    security_groups = [aws_security_group.web.id]
  }}
}}
""")
    (module / "access.tf").write_text("""\
resource "aws_iam_role" "execution" {
  name = "${local.name}-execution"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "execution" {
  role       = aws_iam_role.execution.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}

resource "aws_security_group" "web" {
  name = local.name

  ingress {
    from_port   = 8080
    to_port     = 8080
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
}
""")
    (module / "outputs.tf").write_text("""\
output "service_name" {
  value = aws_ecs_service.web.name
}
""")


def write_large_module(directory: Path, number: int) -> None:
    """Write a Terraform module of 20 files: a service, and queues in files of their own."""
    write_module(directory, number)
    for queue in range(16):
        (directory / f"module-{number}" / f"queue-{queue}.tf").write_text(f"""\
resource "aws_sqs_queue" "queue_{queue}" {{
  name                      = "${{local.name}}-{queue}"
  message_retention_seconds = var.stage == "live" ? 1209600 : 3600
  tags                      = local.tags
}}

output "queue_{queue}_url" {{
  value = aws_sqs_queue.queue_{queue}.url
}}
""")


def write_environment(directory: Path, number: int) -> None:
    """Write the module with the settings of an environment, and a service that runs in any of those written so far.

    The environment is unknown, so each setting of the service has as many alternatives as there are environments.
    """
    for name in ("environment", "service"):
        (directory / name).mkdir(parents=True, exist_ok=True)
    names = [f"environment_{index}" for index in range(number + 1)]
    outputs = "".join(f'output "setting_{key}" {{\n  value = "${{var.name}}-{key}"\n}}\n' for key in range(100))
    (directory / "environment" / "main.tf").write_text(f"""\
variable "name" {{
  type = string
}}

output "read_only" {{
  value = var.name != "environment_0"
}}

{outputs}""")
    calls = "".join(f'module "{name}" {{\n  source = "../environment"\n  name   = "{name}"\n}}\n\n' for name in names)
    settings = "".join(f"    {name} = module.{name}\n" for name in names)
    variables = "".join(
        f'      {{ name = "SETTING_{key}", value = "${{local.settings.setting_{key}}}" }},\n' for key in range(100)
    )
    (directory / "service" / "main.tf").write_text(f"""\
variable "environment" {{
  type = string
}}

{calls}locals {{
  environments = {{
{settings}  }}
  settings = local.environments[var.environment]
}}

resource "aws_ecs_task_definition" "web" {{
  family = "web"
  container_definitions = jsonencode([{{
    name                   = "web"
    image                  = "registry.example/web"
    readonlyRootFilesystem = local.settings.read_only
    environment = [
{variables}    ]
  }}])
}}
""")


def write_other(directory: Path, number: int) -> None:
    """Write a typical file of a repository that has nothing to do with ECS."""
    chance = random.Random(number)
    ending = _ENDINGS[number % len(_ENDINGS)]
    folder = directory / f"part-{number % 40}" / f"piece-{number % 7}"
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"{chance.choice(_WORDS)}-{chance.choice(_WORDS)}" for _ in range(chance.randrange(2, 60))]
    (folder / f"file-{number}.{ending}").write_text(_other_text(ending, names))


def _other_text(ending: str, names: list[str]) -> str:
    if ending == "json":
        return json.dumps([{"name": name, "image": f"{name}.png", "size": len(name)} for name in names], indent=2)
    if ending == "tf":
        return "".join(f'resource "aws_sqs_queue" "{name}" {{\n  name = "{name}"\n}}\n\n' for name in names)
    if ending == "template":
        resources = "".join(f"  {name}:\n    Type: AWS::SQS::Queue\n" for name in names)
        return f'AWSTemplateFormatVersion: "2010-09-09"\nResources:\n{resources}'
    if ending == "yaml":
        return "---\n".join(
            f"apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\nspec:\n  template:\n    spec:\n"
            f"      containers:\n        - name: {name}\n          image: registry.example/{name}:1\n"
            for name in names
        )
    return "".join(f"- {name}: {name}, of which there is more to say in another place\n" for name in names)


#: The kinds of input for the linter. In each, one container fails.
KINDS: dict[str, Write] = {
    "task definitions": write_task_definition,
    "templates": write_template,
    "CDK templates": write_cdk_template,
    "modules": write_module,
}

#: The inputs for the linter among every twenty files of a tree. Most files of a tree are no input.
_MIXTURE: dict[int, Write] = {3: write_task_definition, 6: write_template, 9: write_module}


def write_mixed(directory: Path, number: int) -> None:
    """Write the file with a given number of a typical large tree."""
    _MIXTURE.get(number % 20, write_other)(directory / f"team-{number % 17}", number)


def fill(directory: Path, write: Write, count: int) -> None:
    """Write the inputs with the numbers below `count`."""
    for number in range(count):
        write(directory, number)
