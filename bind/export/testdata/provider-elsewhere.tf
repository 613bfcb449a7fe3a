# Needs the providers hashicorp/aws and, for the ServiceAccounts, hashicorp/kubernetes.
# It assumes that nothing exists yet. With --import-existing it also reads IAM and the cluster, imports what
# exists (Terraform 1.5 or OpenTofu 1.5), and creates the namespaces that are missing.

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
          Federated = "arn:aws:iam::111122223333:oidc-provider/oidc.example.com/one"
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
          Federated = "arn:aws:iam::111122223333:oidc-provider/oidc-example.com/one"
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
