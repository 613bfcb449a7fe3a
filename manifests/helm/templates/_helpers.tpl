{{/* Labels of the objects of a component, beside those that name it: helm's own. */}}
{{- define "podrole.labels" -}}
{{ include "podrole.selector" . }}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* What a component's pods are found by. */}}
{{- define "podrole.selector" -}}
app.kubernetes.io/name: {{ include "podrole.name" .root | quote }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{/* The application, in the label app.kubernetes.io/name. */}}
{{- define "podrole.name" -}}
{{ .Values.nameOverride | default "podrole" }}
{{- end }}

{{/* Names of the objects begin with it. It is not the release's name: a cluster has one podrole. */}}
{{- define "podrole.fullname" -}}
{{ .Values.fullnameOverride | default "podrole" }}
{{- end }}

{{/* The image. A digest decides which one; a tag beside it is only for readers. */}}
{{- define "podrole.image" -}}
{{- with .Values.image }}
{{- with .registry }}{{ . }}/{{ end }}{{ .repository }}
{{- if or .tag (not .digest) }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- with .digest }}@{{ . }}{{ end }}
{{- end }}
{{- end }}

{{/* A setting as its variable. helm reads every number as a float: 1000000 would become 1e+06. */}}
{{- define "podrole.settingValue" -}}
{{- if kindIs "float64" . }}{{ . | int64 | toString | quote }}{{ else }}{{ . | toString | quote }}{{ end }}
{{- end }}

{{/* Not empty if the webhook judges roles, and so must read Namespaces. */}}
{{- define "podrole.judgesRoles" -}}
{{- with .Values.webhook }}
{{- $mode := .settings.PODROLE_POLICY | default "warn" -}}
{{- if or .rolePolicy .settings.PODROLE_ROLE_POLICY_FILE .settings.PODROLE_POD_ROLE_ANNOTATION (ne $mode "warn") }}yes{{ end }}
{{- end }}
{{- end }}

{{/* Security of every pod: what the restricted Pod Security Standard takes. */}}
{{- define "podrole.podSecurity" -}}
runAsNonRoot: true
{{- with .podSecurityContext }}
{{ toYaml . }}
{{- end }}
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "podrole.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* A lost node or zone should not take both replicas; replicas of the previous version count for nothing. */}}
{{- define "podrole.spread" -}}
{{- $selector := include "podrole.selector" . -}}
{{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
- maxSkew: 1
  topologyKey: {{ . }}
  whenUnsatisfiable: ScheduleAnyway
  matchLabelKeys: [pod-template-hash]
  labelSelector:
    matchLabels:
      {{- $selector | nindent 6 }}
{{- end }}
{{- end }}
