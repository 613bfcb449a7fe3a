# Needs the providers hashicorp/aws and, for the ServiceAccounts, hashicorp/kubernetes.

import {
  to = aws_iam_openid_connect_provider.oidc_example_test_one
  id = "arn:aws:iam::111122223333:oidc-provider/oidc.example.test/one"
}

resource "aws_iam_openid_connect_provider" "oidc_example_test_one" {
  url = "https://oidc.example.test/one"
  client_id_list = [
    "sts.amazonaws.com",
  ]
  thumbprint_list = [
    "990f4193972f2becf12ddeda5237f9c952f20d9e",
  ]
  tags = {
    "podrole.dev/managed-by" = "podrole"
  }
}

import {
  to = aws_iam_role.shop_web
  id = "shop-web"
}

resource "aws_iam_role" "shop_web" {
  name                 = "shop-web"
  path                 = "/"
  description          = "For ServiceAccount shop/web of https://oidc.example.test/one"
  max_session_duration = 7200
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          Service = "ec2.amazonaws.com"
        }
        Action = "sts:AssumeRole"
      },
      {
        Sid    = "Podrole1354021687"
        Effect = "Allow"
        Principal = {
          Federated = aws_iam_openid_connect_provider.oidc_example_test_one.arn
        }
        Action = "sts:AssumeRoleWithWebIdentity"
        Condition = {
          StringEquals = {
            "oidc.example.test/one:sub" = "system:serviceaccount:shop:web"
            "oidc.example.test/one:aud" = "sts.amazonaws.com"
          }
        }
      },
    ]
  })
  tags = {
    "podrole.dev/managed-by"        = "podrole"
    "podrole.dev/service-account"   = "shop/web"
    "podrole.dev/issuer"            = "oidc.example.test/one"
    "podrole.dev/attached-policies" = "87437452"
    team                            = "shop"
  }
}

import {
  to = aws_iam_role_policy.shop_web_podrole_external_dns
  id = "shop-web:podrole-external-dns"
}

resource "aws_iam_role_policy" "shop_web_podrole_external_dns" {
  role = aws_iam_role.shop_web.name
  name = "podrole-external-dns"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Action = [
          "route53:ChangeResourceRecordSets",
        ]
        Resource = "arn:aws:route53:::hostedzone/*"
      },
      {
        Effect = "Allow"
        Action = [
          "route53:ListHostedZones",
          "route53:ListResourceRecordSets",
          "route53:ListTagsForResource",
          "route53:ListTagsForResources",
        ]
        Resource = "*"
      },
    ]
  })
}

import {
  to = aws_iam_role_policy_attachment.shop_web_AmazonS3ReadOnlyAccess
  id = "shop-web/arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
}

resource "aws_iam_role_policy_attachment" "shop_web_AmazonS3ReadOnlyAccess" {
  role       = aws_iam_role.shop_web.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
}

import {
  to = kubernetes_service_account_v1.shop_web
  id = "shop/web"
}

resource "kubernetes_service_account_v1" "shop_web" {
  automount_service_account_token = false
  metadata {
    namespace = "shop"
    name      = "web"
    labels = {
      team = "shop"
    }
    annotations = {
      "eks.amazonaws.com/role-arn" = aws_iam_role.shop_web.arn
      "podrole.dev/created"        = "true"
      note                         = "kept"
    }
  }
  image_pull_secret {
    name = "registry"
  }
}
