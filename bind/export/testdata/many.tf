# Needs the providers hashicorp/aws and, for the ServiceAccounts, hashicorp/kubernetes.
# It assumes that nothing exists yet. With --import-existing it also reads IAM and the cluster, imports what
# exists (Terraform 1.5 or OpenTofu 1.5), and creates the namespaces that are missing.

resource "aws_iam_openid_connect_provider" "oidc_example_com_one_27fd6e5c" {
  url = "https://oidc.example.com/one"
  client_id_list = [
    "sts.amazonaws.com",
  ]
  thumbprint_list = [
    "9e99a48a9960b14926bb7f3b02e22da2b0ab7280",
  ]
  tags = {
    "podrole.dev/managed-by" = "podrole"
  }
}

resource "aws_iam_openid_connect_provider" "oidc_example_com_one_93425abf" {
  url = "https://oidc-example.com/one"
  client_id_list = [
    "sts.amazonaws.com",
  ]
  thumbprint_list = [
    "9e99a48a9960b14926bb7f3b02e22da2b0ab7280",
  ]
  tags = {
    "podrole.dev/managed-by" = "podrole"
  }
}

resource "aws_iam_role" "shop_web" {
  name                 = "one-shop.web"
  path                 = "/podrole/"
  description          = "$${not a template} %%{nor this} \"quoted\" \\ no"
  max_session_duration = 7200
  permissions_boundary = "arn:aws:iam::111122223333:policy/boundary"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Podroleb0fca5452d"
        Effect = "Allow"
        Principal = {
          Federated = aws_iam_openid_connect_provider.oidc_example_com_one_27fd6e5c.arn
        }
        Action = "sts:AssumeRoleWithWebIdentity"
        Condition = {
          StringEquals = {
            "oidc.example.com/one:sub" = "system:serviceaccount:shop:web"
            "oidc.example.com/one:aud" = "sts.amazonaws.com"
          }
        }
      },
    ]
  })
  tags = {
    "podrole.dev/managed-by"        = "podrole"
    "cost centre"                   = "no"
    "podrole.dev/attached-policies" = "5f9eb8c9 87437452"
  }
}

resource "aws_iam_role" "shop_a_b_1_9de34f1c" {
  name        = "one-shop-a.b.1"
  path        = "/podrole/"
  description = "ServiceAccount shop-a/b.1"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Podrole3f6c31a7a6"
        Effect = "Allow"
        Principal = {
          Federated = aws_iam_openid_connect_provider.oidc_example_com_one_27fd6e5c.arn
        }
        Action = "sts:AssumeRoleWithWebIdentity"
        Condition = {
          StringEquals = {
            "oidc.example.com/one:sub" = "system:serviceaccount:shop-a:b.1"
            "oidc.example.com/one:aud" = "sts.amazonaws.com"
          }
        }
      },
    ]
  })
  tags = {
    "podrole.dev/managed-by" = "podrole"
  }
}

resource "aws_iam_role" "shop_a_b_1_b3655fa6" {
  name        = "one-shop.a-b.1"
  path        = "/podrole/"
  description = "ServiceAccount shop/a-b.1"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Podrole90a40b4b83"
        Effect = "Allow"
        Principal = {
          Federated = aws_iam_openid_connect_provider.oidc_example_com_one_27fd6e5c.arn
        }
        Action = "sts:AssumeRoleWithWebIdentity"
        Condition = {
          StringEquals = {
            "oidc.example.com/one:sub" = "system:serviceaccount:shop:a-b.1"
            "oidc.example.com/one:aud" = "sts.amazonaws.com"
          }
        }
      },
    ]
  })
  tags = {
    "podrole.dev/managed-by" = "podrole"
  }
}

resource "aws_iam_role" "_7_x" {
  name        = "one-7.x"
  path        = "/podrole/"
  description = "ServiceAccount 7/x"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Podrole901656a549"
        Effect = "Allow"
        Principal = {
          Federated = aws_iam_openid_connect_provider.oidc_example_com_one_27fd6e5c.arn
        }
        Action = "sts:AssumeRoleWithWebIdentity"
        Condition = {
          StringEquals = {
            "oidc.example.com/one:sub" = "system:serviceaccount:7:x"
            "oidc.example.com/one:aud" = "sts.amazonaws.com"
          }
        }
      },
    ]
  })
  tags = {
    "podrole.dev/managed-by" = "podrole"
  }
}

resource "aws_iam_role" "jobs_nightly" {
  name        = "one-jobs.nightly"
  path        = "/podrole/"
  description = "ServiceAccount jobs/nightly"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Podrole8c2a6ae99b"
        Effect = "Allow"
        Principal = {
          Federated = aws_iam_openid_connect_provider.oidc_example_com_one_27fd6e5c.arn
        }
        Action = "sts:AssumeRoleWithWebIdentity"
        Condition = {
          StringEquals = {
            "oidc.example.com/one:sub" = "system:serviceaccount:jobs:nightly"
            "oidc.example.com/one:aud" = "sts.amazonaws.com"
          }
        }
      },
      {
        Sid    = "Podrolea5c01a119a"
        Effect = "Allow"
        Principal = {
          Federated = aws_iam_openid_connect_provider.oidc_example_com_one_93425abf.arn
        }
        Action = "sts:AssumeRoleWithWebIdentity"
        Condition = {
          StringEquals = {
            "oidc-example.com/one:sub" = "system:serviceaccount:jobs:nightly"
            "oidc-example.com/one:aud" = "sts.amazonaws.com"
          }
        }
      },
    ]
  })
  tags = {
    "podrole.dev/managed-by" = "podrole"
  }
}

resource "aws_iam_role_policy" "shop_web_own_home" {
  role = aws_iam_role.shop_web.name
  name = "own-home"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Action = [
          "s3:GetObject",
        ]
        Resource = "arn:aws:s3:::home/$${aws:PrincipalTag/team}/*"
        Condition = {
          Bool = {
            "aws:SecureTransport" = true
          }
          NumericLessThan = {
            "s3:max-keys" = 10
          }
        }
      },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "shop_web_AmazonS3ReadOnlyAccess" {
  role       = aws_iam_role.shop_web.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
}

resource "aws_iam_role_policy_attachment" "shop_web_team_AmazonS3ReadOnlyAccess" {
  role       = aws_iam_role.shop_web.name
  policy_arn = "arn:aws:iam::111122223333:policy/team/AmazonS3ReadOnlyAccess"
}

# kube-system/aws-node: the role arn:aws:iam::111122223333:role/cni exists already; its trust policy must also hold
#   {
#     Version = "2012-10-17"
#     Statement = [
#       {
#         Sid    = "Podrolef48a4d2def"
#         Effect = "Allow"
#         Principal = {
#           Federated = "arn:aws:iam::111122223333:oidc-provider/oidc.example.com/one"
#         }
#         Action = "sts:AssumeRoleWithWebIdentity"
#         Condition = {
#           StringEquals = {
#             "oidc.example.com/one:sub" = "system:serviceaccount:kube-system:aws-node"
#             "oidc.example.com/one:aud" = "sts.amazonaws.com"
#           }
#         }
#       },
#     ]
#   }

resource "kubernetes_service_account_v1" "shop_web" {
  metadata {
    namespace = "shop"
    name      = "web"
    labels = {
      "app.kubernetes.io/name" = "web"
    }
    annotations = {
      "eks.amazonaws.com/role-arn" = aws_iam_role.shop_web.arn
    }
  }
}

resource "kubernetes_service_account_v1" "shop_a_b_1_9de34f1c" {
  metadata {
    namespace = "shop-a"
    name      = "b.1"
    annotations = {
      "eks.amazonaws.com/role-arn" = aws_iam_role.shop_a_b_1_9de34f1c.arn
    }
  }
}

resource "kubernetes_service_account_v1" "shop_a_b_1_b3655fa6" {
  metadata {
    namespace = "shop"
    name      = "a-b.1"
    annotations = {
      "eks.amazonaws.com/role-arn" = aws_iam_role.shop_a_b_1_b3655fa6.arn
    }
  }
}

resource "kubernetes_service_account_v1" "_7_x" {
  metadata {
    namespace = "7"
    name      = "x"
    annotations = {
      "eks.amazonaws.com/role-arn" = aws_iam_role._7_x.arn
    }
  }
}

resource "kubernetes_service_account_v1" "kube_system_aws_node" {
  metadata {
    namespace = "kube-system"
    name      = "aws-node"
    annotations = {
      "eks.amazonaws.com/role-arn" = "arn:aws:iam::111122223333:role/podrole/one-kube-system.aws-node"
    }
  }
}
