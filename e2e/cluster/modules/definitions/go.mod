module podrole.dev/e2e/definitions

go 1.26.0

// Only their files are read: the CustomResourceDefinitions that they ship.
require (
	github.com/cert-manager/cert-manager v1.21.2
	github.com/prometheus-operator/prometheus-operator v0.85.0
)
