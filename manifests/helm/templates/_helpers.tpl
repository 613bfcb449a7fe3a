{{/* Labels of the objects of a component, beside those that name it: helm's own. */}}
{{- define "podrole.labels" -}}
{{ include "podrole.selector" . }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end }}

{{/* What a component's pods are found by. */}}
{{- define "podrole.selector" -}}
app.kubernetes.io/name: podrole
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "podrole.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{/* Security of every pod: what the restricted Pod Security Standard takes. */}}
{{- define "podrole.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
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
