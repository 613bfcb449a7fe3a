{{/* Refuses what the schema cannot, before anything is installed. */}}
{{- define "podrole.validate" -}}
{{- $webhook := .Values.webhook }}
{{- if and (eq $webhook.failurePolicy "Fail") (not (has "kube-system" $webhook.excludedNamespaces)) }}
{{- fail "webhook.failurePolicy=Fail: pods of kube-system, such as the network of a node, would wait for the webhook, which waits for them; add kube-system to webhook.excludedNamespaces" }}
{{- end }}
{{- if eq (int $webhook.port) (int $webhook.metricsPort) }}
{{- fail (printf "webhook.port and webhook.metricsPort are both %d; choose two ports" (int $webhook.port)) }}
{{- end }}
{{- if and $webhook.clientCa.names (not $webhook.clientCa.configMap) }}
{{- fail "webhook.clientCa.names is set without webhook.clientCa.configMap: no client would be checked; name the ConfigMap with the CA" }}
{{- end }}
{{- if and $webhook.rolePolicy $webhook.settings.PODROLE_ROLE_POLICY_FILE }}
{{- fail "webhook.rolePolicy and webhook.settings.PODROLE_ROLE_POLICY_FILE both name a policy; leave one out" }}
{{- end }}
{{- range $component := list "webhook" "publisher" "agent" }}
{{- $values := index $.Values $component }}
{{- range $values.extraVolumes }}
{{- if hasKey . "hostPath" }}
{{- fail (printf "%s.extraVolumes: volume %s is a hostPath, which %s; use a ConfigMap, Secret, CSI or projected volume" $component .name (ternary "would give the agent more of the node than it needs" "the Pod Security Standard restricted refuses" (eq $component "agent"))) }}
{{- end }}
{{- if has .name (list "certificate" "clients" "role-policy" "kubelet-pods" "api-token") }}
{{- fail (printf "%s.extraVolumes: the volume name %s is podrole's own; choose another name" $component .name) }}
{{- end }}
{{- end }}
{{- range $values.extraEnv }}
{{- if hasPrefix "PODROLE_" .name }}
{{- fail (printf "%s.extraEnv: the settings of podrole are checked only in %s.settings; set %s there" $component $component .name) }}
{{- end }}
{{- end }}
{{- range $from := list "podLabels" "commonLabels" }}
{{- $labels := ternary $values.podLabels $.Values.commonLabels (eq $from "podLabels") }}
{{- range $label, $value := $labels }}
{{- if or (hasPrefix "app.kubernetes.io/" $label) (hasPrefix "helm.sh/" $label) (eq $label "eks.amazonaws.com/skip-pod-identity-webhook") }}
{{- fail (printf "%s: the label %s is set by the chart; leave it out" (ternary (printf "%s.podLabels" $component) $from (eq $from "podLabels")) $label) }}
{{- end }}
{{- if and (eq $from "podLabels") (hasKey $.Values.commonLabels $label) }}
{{- fail (printf "%s.podLabels: the label %s is in commonLabels too; remove one of them" $component $label) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- if and .Values.agent.enabled (eq .Values.agent.namespace .Release.Namespace) }}
{{- fail (printf "agent.namespace is %s, the namespace of the release: its Pod Security Standard would have to be privileged for the webhook too; create another one" .Values.agent.namespace) }}
{{- end }}
{{- include "podrole.validateOnlyOne" . }}
{{- end }}

{{/* A pod that two webhooks change has the role of the one that answers last. helm template sees no cluster. */}}
{{- define "podrole.validateOnlyOne" -}}
{{- $name := include "podrole.fullname" . }}
{{- range (lookup "admissionregistration.k8s.io/v1" "MutatingWebhookConfiguration" "" "").items }}
{{- $entries := dict }}
{{- range .webhooks }}{{ $_ := set $entries .name true }}{{ end }}
{{- $annotations := .metadata.annotations | default dict }}
{{- $release := get $annotations "meta.helm.sh/release-name" }}
{{- $namespace := get $annotations "meta.helm.sh/release-namespace" }}
{{- $isOurs := and (eq .metadata.name $name) (or (not $release) (and (eq $release $.Release.Name) (eq $namespace $.Release.Namespace))) }}
{{- if and (hasKey $entries "pods.podrole.dev") (not $isOurs) }}
{{- fail (printf "podrole is already installed in this cluster: MutatingWebhookConfiguration %s belongs to %s; upgrade that installation, or remove it first" .metadata.name (ternary (printf "release %s in namespace %s" $release $namespace) "an installation without helm" (ne $release ""))) }}
{{- end }}
{{- end }}
{{- end }}
